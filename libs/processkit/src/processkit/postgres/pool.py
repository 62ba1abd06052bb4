"""An API's connection pool, and the database's entry in its health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg_pool import AsyncConnectionPool

from processkit.health import Component
from processkit.postgres.connections import (
    ANSWER_MARGIN_SECONDS,
    AsyncConnection,
    answering_within,
    connect_options,
    session_settings,
)
from processkit.postgres.probing import PING_SECONDS, PROBE_SECONDS, probed

RECONNECT_SECONDS = 10.0
TRANSACTION_IDLE_SECONDS = 30
"""Longer than a request takes. A process that freezes during a request must not keep its row locks."""

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]


def create_pool(
    dsn: str,
    name: str,
    largest: int,
    *,
    statement_seconds: int,
    transaction_idle_seconds: int = TRANSACTION_IDLE_SECONDS,
    wait_seconds: float = 5.0,
    autocommit: bool = True,
    read_only: bool = False,
    checked: bool = True,
) -> Pool:
    """Return a pool, not opened yet, of at most `largest` connections with the application_name `name`.

    A statement may take `statement_seconds` and getting a connection `wait_seconds`; then OperationalError
    or PoolTimeout is raised, also if the server hangs. The server ends a session that is idle in a
    transaction for `transaction_idle_seconds`, and releases its locks. With `checked`, each connection is
    tested before use, at the cost of a round trip, and broken ones are replaced.
    """
    settings = limits(statement_seconds, transaction_idle_seconds, read_only=read_only)

    async def configure(connection: psycopg.AsyncConnection[Any]) -> None:
        _bounded(connection).answer_seconds = statement_seconds + ANSWER_MARGIN_SECONDS
        await connection.execute(*session_settings(settings))
        if not autocommit:
            await connection.commit()

    return AsyncConnectionPool(
        dsn,
        connection_class=AsyncConnection,
        min_size=min(2, largest),
        max_size=largest,
        timeout=wait_seconds,
        # The pauses between attempts double. Starting again keeps them below what a request would wait.
        reconnect_timeout=RECONNECT_SECONDS,
        open=False,
        name=name,
        kwargs={"autocommit": autocommit, **connect_options(name)},
        configure=configure,
        check=_check if checked else None,
    )


def limits(statement_seconds: int, transaction_idle_seconds: int, *, read_only: bool) -> dict[str, str]:
    """Return the settings that limit what a session of an API may do and how long it may take."""
    return {
        "statement_timeout": f"{statement_seconds}s",
        "idle_in_transaction_session_timeout": f"{transaction_idle_seconds}s",
        "default_transaction_read_only": "on" if read_only else "off",
    }


@asynccontextmanager
async def opened(
    pool: Pool, component: Component, probe: LiteralString, every_seconds: float = PING_SECONDS
) -> AsyncIterator[None]:
    """Open a pool of `create_pool` for the block; meanwhile `probe` reports the database's state to
    `component`.

    A `probe` that names a table also detects a missing migration. The block does not wait for the database:
    while it is unavailable requests fail, and they succeed once it is available again.
    """

    async def ask() -> None:
        async with pool.connection(timeout=2.0) as connection:
            with answering_within(_bounded(connection), PROBE_SECONDS):
                await connection.execute(probe)

    await pool.open(wait=False)
    try:
        async with probed(ask, component, every_seconds):
            yield
    finally:
        await pool.close()


async def _check(connection: psycopg.AsyncConnection[Any]) -> None:
    with answering_within(_bounded(connection), PROBE_SECONDS):
        await AsyncConnectionPool.check_connection(connection)


def _bounded(connection: psycopg.AsyncConnection[Any]) -> AsyncConnection:
    assert isinstance(connection, AsyncConnection), "the pool was not made by create_pool"
    return connection
