"""Sells courses: catalog, orders, Stripe Checkout Sessions, refunds and a small storefront."""
