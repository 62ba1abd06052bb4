"""Rules: pure functions of typed values; no I/O."""
