"""The stack: its plan, its supervisor, and how commands reach it."""
