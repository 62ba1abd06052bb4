"""A stateful, Stripe-compatible server for development, demos and tests."""
