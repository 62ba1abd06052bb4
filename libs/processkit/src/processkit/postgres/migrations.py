"""Schema migrations by alembic, run from the program: `python -m <service> migrate`.

`service_dir` is the service's folder (with `migrations/` in it) or the migrations folder itself. A
session-level advisory lock makes two simultaneous jobs safe: the second waits and then finds nothing to do.
It needs a direct connection; through a pooler in transaction mode such a lock has no effect.

A statement that alters a table waits for all transactions that use it, and later ones queue behind it. So
the wait is short; then the migration lets the others pass and tries again.
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

from processkit.errors import LockHeld
from processkit.postgres.connections import connect_options

_LOG = structlog.get_logger(__name__)
_LOCK_KEY = (
    0x4D61_7374_6572  # "Master" in ASCII; one number for all services, since each has its own database
)
_LOCK_TIMEOUT = "300s"
LOCK_SECONDS = 5.0
"""How long other transactions wait behind a migration, at most, before it lets them pass."""
TRIES = 6
PAUSE_SECONDS = 5.0
_WATCH_SECONDS = 0.2
_HOLDERS = """
select format('process %%s of %%s (%%s, %%s, in its transaction for %%s s)', pid,
              coalesce(nullif(application_name, ''), 'an application without a name'),
              usename, coalesce(state, 'unknown'), coalesce(extract(epoch from now() - xact_start)::int, 0))
  from pg_stat_activity where pid = any(pg_blocking_pids(%s)) order by xact_start limit 5"""


def migrate(dsn: str, service_dir: Path) -> int:
    """Run the role `migrate`. Returns 0 once the schema is the newest, else 1 with a sentence on stderr."""
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
            f"The database could not be migrated: {reason.rstrip('.?')}. Fix that (or DATABASE_DIRECT_URL, "
            "or, if that is not set, DATABASE_URL) and run migrate again: it continues where it stopped.\n"
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
    """Migrate the database to `revision`, by default the newest.

    Raises psycopg.OperationalError if the database is unreachable, and LockHeld, which names the holders,
    if a migration got no lock within `lock_seconds` in any of `tries` attempts, `pause_seconds` apart.
    """
    with psycopg.connect(dsn, autocommit=True, **connect_options("migrate-guard")) as guard:
        guard.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
        try:
            guard.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
        except psycopg.errors.LockNotAvailable:
            raise LockHeld(
                f"Another migration of this database has not ended within {_LOCK_TIMEOUT}: check it "
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
        named = "; ".join(holders or ()) or "a session that has ended"
        raise LockHeld(
            f"The migration got no lock within {lock_seconds:g} s in {tries} attempts, and let others go on. "
            f"The lock is held by {named}. Let them end, or end them with "
            "select pg_terminate_backend(PROCESS), and run migrate again."
        )


def _try(
    guard: psycopg.Connection[Any], dsn: str, service_dir: Path, revision: str, lock_seconds: float
) -> list[str] | None:
    """Return None once the schema has that revision, else the holders of the lock that the migration did
    not get."""
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
    """Tracks in a thread for which sessions `pid` waits: after its timeout they can no longer be found."""
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
    """Implement a service's migrations/env.py.

    `upgrade` passes the connection; the alembic command line connects to DATABASE_URL.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    dsn = os.environ.get("DATABASE_DIRECT_URL") or os.environ.get("DATABASE_URL")
    if not dsn:
        raise SystemExit("DATABASE_URL is not set: set it to the database to migrate.")
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
        # libpq parses the DSN, because SQLAlchemy's parser does not support sockets, services or several
        # hosts.
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
