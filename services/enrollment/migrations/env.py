"""Alembic's entry: servicekit runs the migrations."""

from processkit.postgres.migrations import run_env

run_env()
