"""Schema migrations by alembic, run from the program: `python -m <service> migrate`.

`service_dir` is the service's folder (with `migrations/` in it) or the migrations folder itself.
A session-level advisory lock makes two jobs at once safe: the second waits and then finds nothing to do.
It needs a direct connection; through a pooler in transaction mode such a lock means nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool

_LOCK_KEY = 0x4D61_7374_6572  # "Master"; one number for all services, since each has its own database
_LOCK_TIMEOUT = "300s"


def upgrade(dsn: str, service_dir: Path) -> None:
    """Brings the database to the newest revision. psycopg.OperationalError when it is not reachable."""
    with psycopg.connect(dsn, autocommit=True) as guard:
        guard.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
        guard.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
        # The lock ends with the connection, also if the migration fails.
        with _connection(dsn) as connection:
            config = _config(service_dir)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def current_is_head(dsn: str, service_dir: Path) -> bool:
    """Whether the database is at the newest revision that this code knows."""
    heads = set(ScriptDirectory.from_config(_config(service_dir)).get_heads())
    with _connection(dsn) as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def run_env() -> None:
    """The whole of a service's migrations/env.py.

    Under `upgrade` the connection is given; under the alembic command line it is made from DATABASE_URL.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    dsn = os.environ.get("DATABASE_DIRECT_URL") or os.environ.get("DATABASE_URL")
    if not dsn:
        raise SystemExit("DATABASE_URL is not set: set it to the database that is to be migrated.")
    with _connection(dsn) as connection:
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def _config(service_dir: Path) -> Config:
    folder = service_dir if (service_dir / "env.py").exists() else service_dir / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connection(dsn: str) -> Iterator[Connection]:
    # libpq reads the DSN itself: SQLAlchemy's own parser knows no sockets, services or several hosts.
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool
    )
    try:
        with engine.connect() as connection:
            yield connection
            connection.commit()
    finally:
        engine.dispose()
