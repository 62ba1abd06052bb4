"""Rules of money: cards, intents, charges, refunds, disputes, balance."""
