"""The health of an API follows its database, and no session keeps a lock for longer than a request takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from processkit.health import Component
from processkit.postgres.pool import create_pool, opened


class Part(Component):
    """A component of a process's health that can wait for its next report."""

    def __init__(self) -> None:
        super().__init__("database")
        self.said: asyncio.Queue[str] = asyncio.Queue()

    def up(self) -> None:
        self.said.put_nowait("up")

    def down(self, reason: str) -> None:
        self.said.put_nowait(reason)

    async def until(self, words: str) -> None:
        async with asyncio.timeout(30):
            while words not in await self.said.get():
                pass


async def follow(dsn: str) -> None:
    part = Part()
    pool = create_pool(dsn, "test", 2, statement_seconds=5)
    async with opened(pool, part, "select from things limit 0", every_seconds=0.05):
        await part.until('relation "things" does not exist')
        async with pool.connection() as connection:
            await connection.execute("create table things ()")
        await part.until("up")
        async with pool.connection() as connection:
            await connection.execute("drop table things")
        await part.until("does not exist")
    assert pool.closed


def test_the_database_component_follows_the_schema(
    make_database: Callable[..., str],
) -> None:
    asyncio.run(follow(make_database()))


async def unreachable() -> None:
    part = Part()
    pool = create_pool("postgresql://x@127.0.0.1:1/x", "test", 1, statement_seconds=5)
    async with opened(pool, part, "select 1", every_seconds=0.05):
        await part.until("does not answer")


def test_an_unavailable_database_does_not_prevent_the_start() -> None:
    asyncio.run(unreachable())


async def stop_inside_a_transaction(dsn: str, other: psycopg.Connection[Any]) -> None:
    pool = create_pool(dsn, "test", 1, statement_seconds=5, transaction_idle_seconds=1, autocommit=False)
    async with pool, pool.connection() as connection:
        await connection.execute("select from orders for update")
        # Blocks the event loop, like a process that is frozen here.
        other.execute("select from orders for update")
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            await connection.execute("select 1")


def test_a_process_frozen_in_a_transaction_does_not_keep_its_row_locks(
    make_database: Callable[..., str],
) -> None:
    dsn = make_database()
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("create table orders (order_id text primary key)")
        other.execute("insert into orders values ('ord_1')")
        other.execute("set lock_timeout = '20s'")
        asyncio.run(stop_inside_a_transaction(dsn, other))
