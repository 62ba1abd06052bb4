"""One direct connection to Postgres that reconnects after a loss."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
from psycopg.types.array import ListBinaryDumper
from psycopg.types.json import set_json_loads

from processkit.postgres.connections import (
    ANSWER_MARGIN_SECONDS,
    Connection,
    connect_options,
    session_settings,
)

_SETTINGS = {
    # The derivation relies on READ COMMITTED: a statement after the lock sees what was committed
    # before it. With a stricter default of the database it would read the snapshot from before the lock.
    "default_transaction_isolation": "read committed",
    # Queries here look up arrays of keys by index. On tables that have just grown, or were never analysed,
    # the planner guesses and scans instead. These connections run no other queries, so scans are disabled.
    "enable_seqscan": "off",
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
    "idle_in_transaction_session_timeout": "120s",
}

Session = psycopg.Connection[Any]
"""A connection inside a transaction that the caller owns."""


class Database:
    """A connection for one thread. `transaction()` connects when there is no live connection.

    A statement may take `statement_timeout_seconds` (None: no limit). If the server does not answer at all,
    OperationalError is raised a little later, and the next use reconnects.
    """

    def __init__(self, dsn: str, application_name: str, statement_timeout_seconds: int | None = 60) -> None:
        self._dsn = dsn
        self._name = application_name
        self._statement_seconds = statement_timeout_seconds
        self._connection: Connection | None = None

    def connection(self) -> psycopg.Connection[Any]:
        """Return the connection in autocommit mode; connect if necessary. Raises psycopg.OperationalError."""
        if self._connection is None or self._connection.closed or self._connection.broken:
            self.close()
            connection = Connection.connect(self._dsn, autocommit=True, **connect_options(self._name))
            seconds = self._statement_seconds
            if seconds is not None:
                connection.answer_seconds = seconds + ANSWER_MARGIN_SECONDS
            try:
                connection.execute(*session_settings({**_SETTINGS, "statement_timeout": f"{seconds or 0}s"}))
                set_json_loads(msgspec.json.decode, connection)
                # psycopg's default, text, escapes each item in Python: for 5,000 rows of 12 columns it took
                # 169 ms of CPU, and this 15 ms.
                connection.adapters.register_dumper(list, ListBinaryDumper)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """Run the block in one READ COMMITTED transaction; commit at its end, roll back on an error."""
        connection = self.connection()
        with connection.transaction():
            yield connection

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
