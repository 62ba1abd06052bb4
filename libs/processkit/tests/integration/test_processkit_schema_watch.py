"""Readiness requires a schema that is not older than the program; a newer one is accepted."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from processkit.health import Health
from processkit.schema_watch import OLDER, SchemaWatch

NEEDED = "0003"


def at(dsn: str, revision: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create table if not exists alembic_version (version_num varchar(32) primary key)")
        connection.execute("delete from alembic_version")
        if revision:
            connection.execute("insert into alembic_version values (%s)", (revision,))


def test_a_process_is_ready_once_its_schema_is_new_enough(
    make_database: Callable[..., str],
) -> None:
    dsn, health = make_database(), Health()
    watch = SchemaWatch(dsn, NEEDED, health)
    watch.once()
    assert health.ready() == (False, {"schema": OLDER}), "never migrated"
    for revision, expected in (
        ("", OLDER),
        ("0001", OLDER),
        ("0002", OLDER),
        ("0003", "ok"),
        ("0004", "ok"),  # of the next release, whose migration runs before its programs are deployed
        ("0002", OLDER),  # a restored backup
    ):
        at(dsn, revision)
        watch.once()
        assert health.ready()[1] == {"schema": expected}, revision


def test_an_unavailable_database_does_not_change_the_last_report(
    make_database: Callable[..., str], postgres_admin_dsn: str
) -> None:
    dsn, health = make_database(), Health()
    at(dsn, "0003")
    watch = SchemaWatch(dsn, NEEDED, health)
    watch.once()
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(postgres_admin_dsn, autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")  # type: ignore[arg-type]
        watch.once()
        assert health.ready() == (True, {"schema": "ok"})
        admin.execute(f"alter database {name} allow_connections true")  # type: ignore[arg-type]
