"""Options of every connection to Postgres, and a limit on the time for an answer.

The server's `statement_timeout` does not help against a server that hangs, and neither do TCP's timers: the
kernel keeps acknowledging for a frozen process. So the client also measures the time.

Measured with Postgres stopped by SIGSTOP and a `statement_timeout` of 1 s: a query on psycopg's own
connection had not returned after 90 s, and returned when the server continued; a query on this one, with
`answer_seconds` of 4, raised after 4.0 s. The limit costs 0.1 of about 75 microseconds of CPU per query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

CONNECT_SECONDS = 5
ANSWER_MARGIN_SECONDS = 3.0
"""How much longer than `statement_timeout` the client waits, because the server's own error is more
precise."""
_INTERVAL_SECONDS = 0.1
_LOST_CLIENT = {
    # For a client whose machine has disappeared.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    # For a client that no longer reads its result: the server blocks in the write, which
    # `statement_timeout` does not interrupt, and would keep the session's locks until the client continues.
    "tcp_user_timeout": "20000",
}

T = TypeVar("T")


def connect_options(application_name: str) -> dict[str, Any]:
    """Return the options of every connection, with which a lost server is noticed within 20 s."""
    return {
        "application_name": application_name,
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }


def session_settings(settings: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return a statement and its parameters that apply `settings` to a session on the server.

    The statement also makes the server end the session, and release its locks, within about 20 s of losing
    its client. PgBouncer refuses such settings as startup parameters, so they are set by a statement.
    """
    pairs = {**_LOST_CLIENT, **settings}
    calls = ", ".join(["set_config(%s, %s, false)"] * len(pairs))
    return f"select {calls}", [text for pair in pairs.items() for text in pair]


class Connection(psycopg.Connection[Any]):
    """Closes itself and raises OperationalError when an answer takes longer than `answer_seconds`; None: no
    limit."""

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[T], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> T:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except psycopg.errors._WaitTimeout:
            # A late answer would belong to a statement that no caller waits for any more.
            self.pgconn.finish()
            raise _silent(self.answer_seconds) from None


class AsyncConnection(psycopg.AsyncConnection[Any]):
    """A Connection for asyncio."""

    answer_seconds: float | None = None

    async def wait(
        self,
        gen: PQGen[T],
        interval: float = _INTERVAL_SECONDS,
        timeout: float | None = None,  # noqa: ASYNC109 - the driver's own
    ) -> T:
        if timeout is not None:
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, self.answer_seconds)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise _silent(self.answer_seconds) from None


@contextmanager
def answering_within(connection: AsyncConnection, seconds: float) -> Iterator[None]:
    """Let the connection wait at most `seconds` for each answer within the block."""
    before, connection.answer_seconds = connection.answer_seconds, seconds
    try:
        yield
    finally:
        connection.answer_seconds = before


def _silent(seconds: float | None) -> psycopg.OperationalError:
    return psycopg.OperationalError(f"the database gave no answer within {seconds:g} s")
