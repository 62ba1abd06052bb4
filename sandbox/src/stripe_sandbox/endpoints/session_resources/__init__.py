"""Checkout Sessions, as a server and as a page sees them."""
