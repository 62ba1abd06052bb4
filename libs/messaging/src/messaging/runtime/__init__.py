"""The consumer: polls batches, records, derives, commits; isolates messages that cannot be handled."""
