"""The sandbox's state: objects, ids, time, events, idempotency keys."""
