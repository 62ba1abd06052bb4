"""The program as operators start it: what each role requires, and how it reports an old schema."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from devstack import loopback, ports
from enrollment import bootstrap
from enrollment.settings import Settings
from enrollment.store import grants as store
from enrollment.store.tables import REVISION
from processkit.health import Health
from servicekit.roles import Context


def environment(dsn: str, more: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return {**inherited, **more, "DATABASE_URL": dsn}


@contextmanager
def started(role: str, env: Mapping[str, str]) -> Iterator[Callable[[int], httpx.Response]]:
    """Start a role; yields a function that waits until /health/ready answers with a status."""
    port = ports.pick()
    process = subprocess.Popen([sys.executable, "-m", "enrollment", role], env={**env, "PORT": str(port)})

    def until(status: int) -> httpx.Response:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, "the process ended"
            assert time.monotonic() < deadline, "/health/ready never answered with this status"
            try:
                answer = loopback.get(f"http://127.0.0.1:{port}/health/ready")
            except httpx.TransportError:
                continue
            if answer.status_code == status and "starting" not in answer.text:
                return answer
            time.sleep(0.05)

    try:
        yield until
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("role", ["api", "refresher"])
def test_roles_without_kafka_start_without_its_settings(role, dsn, jwt_issuer):
    with started(role, environment(dsn, jwt_issuer.settings_env)) as until:
        assert until(200).json()["status"] == "up"


@pytest.mark.parametrize("role", ["consumer", "relay", "clock"])
def test_roles_with_kafka_require_its_settings(role, dsn, jwt_issuer):
    command = [sys.executable, "-m", "enrollment", role]
    env = environment(dsn, jwt_issuer.settings_env)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert (
        done.stderr
        == "KAFKA_BOOTSTRAP_SERVERS is not set: set it to the brokers, host:port, separated by commas.\n"
    )


@pytest.mark.parametrize("role", ["api", "clock"])
def test_a_role_on_an_older_schema_is_unready_until_migrate_has_run(
    role, dsn, db, jwt_issuer, kafka_with_topics
):
    db.execute("update alembic_version set version_num = '0001'")
    env = environment(dsn, {**jwt_issuer.settings_env, "KAFKA_BOOTSTRAP_SERVERS": kafka_with_topics})
    with started(role, env) as until:
        parts = until(503).json()["components"]
        assert parts.pop("schema") == "the schema is older than the program: run migrate"
        assert set(parts.values()) == {"ok"}
        db.execute("update alembic_version set version_num = %s", (REVISION,))
        until(200)


def test_migrate_reports_what_is_wrong_in_one_line(dsn, jwt_issuer):
    command = [sys.executable, "-m", "enrollment", "migrate"]
    env = environment("", jwt_issuer.settings_env)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("DATABASE_URL is not set") and done.stderr.count("\n") == 1
    env = environment("postgresql://x@127.0.0.1:1/x", jwt_issuer.settings_env)
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("The database could not be migrated: ") and done.stderr.count("\n") == 1


def test_the_state_hash_after_a_rebuild_has_no_statement_timeout(dsn, monkeypatch):
    seen: list[str] = []

    def noting(of):
        def called(tx: psycopg.Connection):
            seen.extend(tx.execute("show statement_timeout").fetchone() or ())
            return of(tx)

        return called

    monkeypatch.setattr(store, "state_hash", noting(store.state_hash))
    bootstrap.rebuild(Context(Settings(database_url=dsn), Health()))
    assert seen == ["0"]
