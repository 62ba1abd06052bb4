"""Databases as earlier releases of a service wrote them.

A service's `tests/data/rows-<commit>.json` holds the rows of one database of that release: the revision of
its schema, and the tables in the order in which they are filled. The files are never regenerated: databases
in use hold such rows. Their schema is not stored: tests/contract checks that a revision still creates the
schema that it created when released.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from processkit.postgres import migrations

_INSERT = sql.SQL(
    "insert into {0} overriding system value select * from jsonb_populate_recordset(null::{0}, %s)"
)
_IDENTITIES = """
select table_name, column_name from information_schema.columns
 where table_schema = 'public' and is_identity = 'YES'"""
_NEXT = sql.SQL("select setval(pg_get_serial_sequence(%s, %s), (select max({column}) from {table}))")


def restore(dsn: str, rows: Path, migrations_dir: Path) -> None:
    """Make the empty database at `dsn` the one that a release wrote, and migrate it to the newest schema."""
    release: dict[str, Any] = json.loads(rows.read_text("utf-8"))
    migrations.upgrade(dsn, migrations_dir, revision=release["revision"])
    with psycopg.connect(dsn) as connection:
        for table, written in release["tables"].items():
            connection.execute(_INSERT.format(sql.Identifier(table)), (Jsonb(written),))
        for table, column in connection.execute(_IDENTITIES).fetchall():
            if release["tables"].get(table):
                names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
                connection.execute(_NEXT.format(**names), (table, column))
    migrations.upgrade(dsn, migrations_dir)
