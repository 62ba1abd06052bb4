"""Alembic's entrance; everything it needs is in servicekit."""

from servicekit.migrations import run_env

run_env()
