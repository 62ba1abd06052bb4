"""Alembic's entry: servicekit runs the migrations."""

from servicekit.migrations import run_env

run_env()
