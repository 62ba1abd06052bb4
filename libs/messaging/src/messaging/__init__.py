"""Kafka consumer runtime, event set, outbox, dead letters, health and metrics. It knows no business word."""
