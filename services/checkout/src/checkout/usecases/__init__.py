"""Commands that call rules, store and clients in one transaction."""
