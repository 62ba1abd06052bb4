"""Kafka consumer runtime, event set, outbox, dead letters and operators' commands. Free of business terms."""
