"""Checkout Sessions, for servers and for pages."""
