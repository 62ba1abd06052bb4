"""An API's pool of connections, and what its health says of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import LiteralString, Protocol

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

PING_SECONDS = 3.0


class Component(Protocol):
    """What this needs of messaging.health.Component."""

    def up(self) -> None: ...
    def down(self, reason: str) -> None: ...


@asynccontextmanager
async def opened(
    pool: AsyncConnectionPool, component: Component, probe: LiteralString, every_seconds: float = PING_SECONDS
) -> AsyncIterator[None]:
    """The pool, open for the block; meanwhile `probe` tells `component` whether the database answers.

    A `probe` that names a table finds a missing migration too. The block does not wait for the database:
    while that is away requests fail, and they are served once it is back.
    """
    await pool.open(wait=False)
    watch = asyncio.create_task(_watch(pool, component, probe, every_seconds))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await pool.close()


async def _watch(
    pool: AsyncConnectionPool, component: Component, probe: LiteralString, every_seconds: float
) -> None:
    while True:
        try:
            async with pool.connection(timeout=2.0) as connection:
                await connection.execute(probe)
            component.up()
        except (psycopg.Error, PoolTimeout) as error:
            component.down(f"the database does not answer as it should: {error}"[:200])
        await asyncio.sleep(every_seconds)
