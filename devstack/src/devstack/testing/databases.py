"""Creates databases by copying a migrated template, which takes a few tens of milliseconds."""

import uuid
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


def with_database(dsn: str, name: str) -> str:
    """Return `dsn` for another database on the same server."""
    if dsn.startswith(("postgresql://", "postgres://")):
        from urllib.parse import urlsplit, urlunsplit

        return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    return make_conninfo(**{**parts, "dbname": name})


class Databases:
    """Creates and drops databases on one server, for one test session."""

    def __init__(self, admin_dsn: str) -> None:
        self._admin_dsn = admin_dsn
        self._templates: dict[Path, str] = {}

    def create(self, migrations_dir: Path | None) -> str:
        """Create a database and migrate it with `migrations_dir` (or a service's folder). Returns its DSN."""
        name = f"test_{uuid.uuid4().hex[:16]}"
        if migrations_dir is None:
            self._execute("create database {}", name)
        else:
            self._execute("create database {} template {}", name, self._template(migrations_dir.resolve()))
        return with_database(self._admin_dsn, name)

    def drop(self, dsn: str) -> None:
        """Drop a database and close all connections to it."""
        self._execute("drop database if exists {} with (force)", str(conninfo_to_dict(dsn)["dbname"]))

    def close(self) -> None:
        """Drop the templates."""
        for name in self._templates.values():
            self._execute("drop database if exists {} with (force)", name)

    def _template(self, migrations_dir: Path) -> str:
        if migrations_dir not in self._templates:
            from processkit.postgres import migrations

            name = f"template_{uuid.uuid4().hex[:16]}"
            self._execute("create database {}", name)
            migrations.upgrade(with_database(self._admin_dsn, name), migrations_dir)
            self._templates[migrations_dir] = name
        return self._templates[migrations_dir]

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._admin_dsn, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
