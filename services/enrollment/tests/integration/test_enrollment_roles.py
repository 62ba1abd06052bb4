"""The program as operators start it: what each role requires, and how it reports an old schema."""

import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg
import pytest

from devstack.testing import roles
from enrollment import bootstrap
from enrollment.settings import Settings
from enrollment.store import grants as store
from enrollment.store.tables import REVISION
from processkit.health import Health
from servicekit.roles import Context


def environment(dsn: str, more: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return {**inherited, **more, "DATABASE_URL": dsn}


@pytest.mark.parametrize("role", ["api", "refresher"])
def test_roles_without_kafka_start_without_its_settings(role, dsn, jwt_issuer):
    with roles.running("enrollment", role, environment(dsn, jwt_issuer.settings_env)) as process:
        assert process.until()


@pytest.mark.parametrize("role", ["consumer", "relay", "clock"])
def test_roles_with_kafka_require_its_settings(role, dsn, jwt_issuer):
    assert (
        roles.refused("enrollment", role, environment(dsn, jwt_issuer.settings_env))
        == "KAFKA_BOOTSTRAP_SERVERS is not set: set it to the brokers, host:port, separated by commas.\n"
    )


@pytest.mark.parametrize("role", ["api", "clock"])
def test_a_role_on_an_older_schema_is_unready_until_migrate_has_run(
    role, dsn, db, jwt_issuer, kafka_with_topics
):
    db.execute("update alembic_version set version_num = '0001'")
    env = environment(dsn, {**jwt_issuer.settings_env, "KAFKA_BOOTSTRAP_SERVERS": kafka_with_topics})
    with roles.running("enrollment", role, env) as process:
        process.until(schema="the schema is older than the program: run migrate")
        db.execute("update alembic_version set version_num = %s", (REVISION,))
        process.until()


def test_migrate_reports_what_is_wrong_in_one_line(dsn, jwt_issuer):
    said = roles.refused("enrollment", "migrate", environment("", jwt_issuer.settings_env))
    assert said.startswith("DATABASE_URL is not set") and said.count("\n") == 1
    command = [sys.executable, "-m", "enrollment", "migrate"]
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
