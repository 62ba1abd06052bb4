"""Verifies Stripe's webhooks and publishes them to Kafka."""
