"""The process: it starts from the command line, serves requests and stops on a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from devstack import ports
from devstack.tokens import TokenIssuer
from processkit.postgres import migrations

FOLDER = Path(__file__).resolve().parents[2]


def start(role: str, dsn: str, issuer: TokenIssuer, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **issuer.settings_env, "DATABASE_URL": dsn, "PORT": str(port)}
    return subprocess.Popen([sys.executable, "-m", "reporting", role], env=environment, cwd=FOLDER)


def until_ready(port: int, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"not ready; exit code {process.poll()}")


@pytest.mark.parametrize("role", ["api"])
def test_a_role_becomes_ready_and_stops_on_sigterm(
    make_database: Callable[..., str], jwt_issuer: TokenIssuer, role: str
) -> None:
    port = ports.pick()
    process = start(role, make_database(FOLDER), jwt_issuer, port)
    try:
        assert f'"{role}":"ok"' in until_ready(port, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


def test_a_missing_variable_stops_the_start_with_a_message() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "reporting", "api"],
        env=environment,
        cwd=FOLDER,
        capture_output=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert b"DATABASE_URL is not set" in done.stderr


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
