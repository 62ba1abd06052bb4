"""Hosted pages, frames of Stripe.js, the customer portal."""
