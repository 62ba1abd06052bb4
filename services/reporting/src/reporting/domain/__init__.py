"""Rules: pure functions of typed values, without I/O."""
