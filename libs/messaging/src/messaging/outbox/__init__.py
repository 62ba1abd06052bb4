"""The outbox: messages that are committed with the state and published by a relay."""
