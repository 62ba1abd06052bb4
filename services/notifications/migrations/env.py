"""Alembic's entry point; processkit runs the migrations."""

from processkit.postgres.migrations import run_env

run_env()
