"""Alembic's entrance; everything it needs is in servicekit."""

from processkit.postgres.migrations import run_env

run_env()
