"""Stripe's API: authentication, parameters, dispatch, expansion, errors."""
