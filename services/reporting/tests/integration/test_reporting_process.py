"""The process: it starts from the command line, serves requests and stops on a signal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from devstack.testing import roles
from devstack.tokens import TokenIssuer
from processkit.postgres import migrations

FOLDER = Path(__file__).resolve().parents[2]


def test_the_api_becomes_ready_and_stops_on_sigterm(
    make_database: Callable[..., str], jwt_issuer: TokenIssuer
) -> None:
    settings = {**jwt_issuer.settings_env, "DATABASE_URL": make_database(FOLDER)}
    with roles.running("reporting", "api", os.environ | settings) as process:
        assert "api" in process.until()


def test_a_missing_variable_stops_the_start_with_a_message() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    assert "DATABASE_URL is not set" in roles.refused("reporting", "api", environment)


def test_the_database_owner_can_migrate_and_rebuild_without_other_privileges(
    make_database: Callable[..., str],
) -> None:
    """In particular without the privilege to create the analysts' role."""
    dsn = make_database()
    owner = f"owner_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(dsn, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"create role {owner} login password 'secret'")
        plain = f"postgresql://{owner}:secret@{admin.info.host}:{admin.info.port}/{name}"
        admin.execute(f"alter database {name} owner to {owner}")
    try:
        migrations.upgrade(plain, FOLDER)
        migrations.upgrade(plain, FOLDER)
        done = subprocess.run(
            [sys.executable, "-m", "reporting", "rebuild"],
            env={**os.environ, "DATABASE_URL": plain},
            cwd=FOLDER,
            capture_output=True,
            timeout=120,
        )
        assert (done.returncode, done.stdout) == (0, b"Derived 0 owners again.\n"), done.stderr
    finally:
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute(f"alter database {name} owner to current_user")
            admin.execute(f"reassign owned by {owner} to current_user")
            admin.execute(f"drop owned by {owner}")
            admin.execute(f"drop role {owner}")
