"""Payment rules: cards, intents, charges, refunds, disputes, balance."""
