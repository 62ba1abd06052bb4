"""SQLAlchemy's engine for the queries of APIs and pages, with the same limits as a pool.

A process that only consumes does not need this module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from psycopg.types.json import set_json_loads
from sqlalchemy import Executable, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from processkit.health import Component
from processkit.postgres.connections import (
    ANSWER_MARGIN_SECONDS,
    AsyncConnection,
    answering_within,
    connect_options,
    session_settings,
)
from processkit.postgres.pool import TRANSACTION_IDLE_SECONDS, limits
from processkit.postgres.probing import PING_SECONDS, PROBE_SECONDS, probed

_LIFETIME_SECONDS = 3600
"""A connection is replaced after this time, so that it follows a move of the database."""


def create_engine(
    dsn: str,
    name: str,
    largest: int,
    *,
    statement_seconds: int,
    transaction_idle_seconds: int = TRANSACTION_IDLE_SECONDS,
    wait_seconds: float = 5.0,
    autocommit: bool = False,
    read_only: bool = False,
    prepared: bool = True,
    checked: bool = True,
) -> AsyncEngine:
    """Return an engine of at most `largest` connections with the application_name `name`; 0: it opens one for
    each use and keeps none.

    A statement may take `statement_seconds`, and so may waiting for a free connection and making one take
    `wait_seconds` each; then OperationalError or TimeoutError of sqlalchemy.exc is raised, also if the server
    hangs. The server ends a session that is idle in a transaction for `transaction_idle_seconds`. With
    `autocommit`, each statement is its own transaction, which saves two round trips, and `begin()` has no
    effect. With `checked`, each connection is tested before use, at the cost of a round trip.
    """
    settings = limits(statement_seconds, transaction_idle_seconds, read_only=read_only)
    options = connect_options(name) | {"connect_timeout": max(2, round(wait_seconds))}
    if not prepared:
        # Unprepared statements keep working when a migration changes their tables.
        options["prepare_threshold"] = None

    async def connect() -> AsyncConnection:
        connection = await AsyncConnection.connect(dsn, autocommit=True, **options)
        connection.answer_seconds = PROBE_SECONDS
        try:
            await connection.execute(*session_settings(settings))
            await connection.set_autocommit(autocommit)
        except BaseException:
            await connection.close()
            raise
        set_json_loads(msgspec.json.decode, connection)
        return connection

    sizes: dict[str, Any] = {"poolclass": NullPool}
    if largest:
        sizes = {"pool_size": largest, "max_overflow": 0, "pool_timeout": wait_seconds}
        sizes |= {"pool_pre_ping": checked, "pool_recycle": _LIFETIME_SECONDS}
    engine = create_async_engine(
        "postgresql+psycopg://",
        async_creator=connect,
        # Errors are logged, and parameters may be personal data.
        hide_parameters=True,
        # Would ask each database for a type that none of them has.
        use_native_hstore=False,
        **({"isolation_level": "AUTOCOMMIT"} if autocommit else {}),
        **sizes,
    )

    def checked_out(connection: Any, *_: object) -> None:
        connection.driver_connection.answer_seconds = statement_seconds + ANSWER_MARGIN_SECONDS

    def checked_in(connection: Any, *_: object) -> None:
        # For the test before the next use. There is no connection if the last use broke it.
        if connection is not None:
            connection.driver_connection.answer_seconds = PROBE_SECONDS

    event.listen(engine.sync_engine, "checkout", checked_out)
    event.listen(engine.sync_engine, "checkin", checked_in)
    return engine


@asynccontextmanager
async def opened(
    engine: AsyncEngine, component: Component, probe: Executable, every_seconds: float = PING_SECONDS
) -> AsyncIterator[None]:
    """Report the database's state to `component` by means of `probe` during the block, then close the engine.

    A `probe` that reads a table, such as `select(table).limit(0)`, also detects a missing migration. The
    block does not wait for the database: while it is unavailable requests fail, and they succeed once it is
    available again.
    """

    async def ask() -> None:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert isinstance(driver, AsyncConnection), "the engine was not made by create_engine"
            with answering_within(driver, PROBE_SECONDS):
                await connection.execute(probe)

    try:
        async with probed(ask, component, every_seconds):
            yield
    finally:
        await engine.dispose()
