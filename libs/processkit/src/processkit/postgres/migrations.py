"""Schema migrations by alembic, run from the program: `python -m <service> migrate`.

`service_dir` is the service's folder (with `migrations/` in it) or the migrations folder itself.
A session-level advisory lock makes two jobs at once safe: the second waits and then finds nothing to do.
It needs a direct connection; through a pooler in transaction mode such a lock means nothing.

A statement that changes a table waits for everybody who reads it, and whoever comes later waits behind that
statement. So it waits briefly, lets the others pass, and tries again.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import structlog
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.exc import DBAPIError

from processkit.postgres.connections import connect_options

_LOG = structlog.get_logger(__name__)
_LOCK_KEY = 0x4D61_7374_6572  # "Master"; one number for all services, since each has its own database
_LOCK_TIMEOUT = "300s"
LOCK_SECONDS = 5.0
"""How long a migration keeps others waiting behind it, at most, before it lets them pass."""
TRIES = 6
PAUSE_SECONDS = 5.0
_WATCH_SECONDS = 0.2
_HOLDERS = """
select format('process %%s of %%s (%%s, %%s, in its transaction for %%s s)', pid,
              coalesce(nullif(application_name, ''), 'an application without a name'),
              usename, coalesce(state, 'unknown'), coalesce(extract(epoch from now() - xact_start)::int, 0))
  from pg_stat_activity where pid = any(pg_blocking_pids(%s)) order by xact_start limit 5"""


class LockHeld(Exception):
    """Others hold what the migration needs. Nothing of the migration that waited was done."""


def migrate(dsn: str, service_dir: Path) -> int:
    """The role `migrate`: 0 when the schema is the newest, else 1 with a sentence on stderr."""
    try:
        upgrade(dsn, service_dir)
    except LockHeld as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (psycopg.OperationalError, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(cause, psycopg.OperationalError):
            raise
        reason = " ".join(str(cause).split())
        sys.stderr.write(
            f"The database could not be migrated: {reason.rstrip('.?')}. Mend that (or DATABASE_DIRECT_URL, "
            "or, where that is not set, DATABASE_URL) and run migrate again: it goes on where it was.\n"
        )
        return 1
    return 0


def upgrade(
    dsn: str,
    service_dir: Path,
    *,
    revision: str = "head",
    lock_seconds: float = LOCK_SECONDS,
    tries: int = TRIES,
    pause_seconds: float = PAUSE_SECONDS,
) -> None:
    """Brings the database to `revision`: the newest, unless one is named.

    psycopg.OperationalError when it is not reachable; LockHeld, which names the holders, when a migration got
    no lock within `lock_seconds` in any of `tries`, with `pause_seconds` between them.
    """
    with psycopg.connect(dsn, autocommit=True, **connect_options("migrate-guard")) as guard:
        guard.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
        try:
            guard.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
        except psycopg.errors.LockNotAvailable:
            raise LockHeld(
                f"Another migration of this database has not ended within {_LOCK_TIMEOUT}: look at it "
                "(application_name migrate in pg_stat_activity) before you try again."
            ) from None
        # The lock ends with the connection, also if the migration fails.
        for left in range(tries - 1, -1, -1):
            holders = _try(guard, dsn, service_dir, revision, lock_seconds)
            if holders is None:
                return
            _LOG.warning("a migration gets no lock", holders=holders, tries_left=left)
            if left:
                time.sleep(pause_seconds)
        named = "; ".join(holders or ()) or "somebody who has gone"
        raise LockHeld(
            f"The migration got no lock within {lock_seconds:g} s in {tries} tries, and let others go on. "
            f"The lock is held by {named}. Let them end, or end them with "
            "select pg_terminate_backend(PROCESS), and run migrate again."
        )


def _try(
    guard: psycopg.Connection[Any], dsn: str, service_dir: Path, revision: str, lock_seconds: float
) -> list[str] | None:
    """None when the schema is of that revision now; else who held the lock that a migration did not get."""
    with _connection(dsn, lock_seconds) as connection:
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, psycopg.Connection)
        config = _config(service_dir)
        config.attributes["connection"] = connection
        with _watched(guard, driver.info.backend_pid) as holders:
            try:
                command.upgrade(config, revision)
            except DBAPIError as error:
                if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                    raise
                return holders
    return None


@contextmanager
def _watched(guard: psycopg.Connection[Any], pid: int) -> Iterator[list[str]]:
    """Keeps up to date, in a thread, who `pid` waits for: once it has given up, nobody knows any more."""
    holders: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            found = [row[0] for row in guard.execute(_HOLDERS, (pid,)).fetchall()]
            if found:
                holders[:] = found

    thread = threading.Thread(target=watch, name="migrate-watch", daemon=True)
    thread.start()
    try:
        yield holders
    finally:
        done.set()
        thread.join()


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
def _connection(dsn: str, lock_seconds: float = LOCK_SECONDS) -> Iterator[Connection]:
    def connect() -> psycopg.Connection[Any]:
        # libpq reads the DSN itself: SQLAlchemy's own parser knows no sockets, services or several hosts.
        connection = psycopg.connect(dsn, **connect_options("migrate"))
        milliseconds = str(int(lock_seconds * 1000))
        connection.execute("select set_config('lock_timeout', %s, false)", (milliseconds,))
        connection.commit()
        return connection

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
            connection.commit()
    finally:
        engine.dispose()
