"""The health of an API follows its database, and no session keeps a lock for longer than a request takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, exc, select, text

from processkit.errors import Kind, classify, is_transient, sentence_of
from processkit.health import Component
from processkit.postgres.engine import create_engine
from processkit.postgres.engine import opened as opened_engine
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


async def follow_by_engine(dsn: str) -> None:
    part = Part()
    things = Table("things", MetaData(), Column("thing_id", Integer))
    engine = create_engine(dsn, "test", 2, statement_seconds=5)
    async with opened_engine(engine, part, select(things).limit(0), every_seconds=0.05):
        await part.until('relation "things" does not exist')
        async with engine.begin() as connection:
            await connection.run_sync(things.create)
        await part.until("up")
        async with engine.begin() as connection:
            await connection.run_sync(things.drop)
        await part.until("does not exist")


async def follow_by_pool(dsn: str) -> None:
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


@pytest.mark.parametrize("follow", [follow_by_pool, follow_by_engine], ids=["pool", "engine"])
def test_the_database_component_follows_the_schema(
    make_database: Callable[..., str], follow: Callable[[str], Coroutine[Any, Any, None]]
) -> None:
    asyncio.run(follow(make_database()))


UNREACHABLE = "postgresql://x@127.0.0.1:1/x"


async def reach_by_pool() -> None:
    part = Part()
    pool = create_pool(UNREACHABLE, "test", 1, statement_seconds=5)
    async with opened(pool, part, "select 1", every_seconds=0.05):
        await part.until("does not answer")


async def reach_by_engine() -> None:
    part = Part()
    engine = create_engine(UNREACHABLE, "test", 1, statement_seconds=5)
    async with opened_engine(engine, part, text("select 1"), every_seconds=0.05):
        await part.until("does not answer")


@pytest.mark.parametrize("reach", [reach_by_pool, reach_by_engine], ids=["pool", "engine"])
def test_an_unavailable_database_does_not_prevent_the_start(
    reach: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    asyncio.run(reach())


async def use_one_after_the_other(dsn: str) -> list[int]:
    engine = create_engine(dsn, "test", 0, statement_seconds=5)
    used = []
    for _ in range(2):
        async with engine.connect() as connection:
            used.append((await connection.execute(text("select pg_backend_pid()"))).scalar_one())
    return used


def test_an_engine_of_no_connections_opens_one_for_each_use(make_database: Callable[..., str]) -> None:
    first, second = asyncio.run(use_one_after_the_other(make_database()))
    assert first != second


async def wait_for_a_connection(dsn: str) -> None:
    engine = create_engine(dsn, "test", 1, statement_seconds=5, wait_seconds=0.1)
    async with engine.connect() as connection:
        await connection.execute(text("select 1"))
        with pytest.raises(exc.TimeoutError) as caught:
            await engine.connect()
    assert is_transient(caught.value)
    await engine.dispose()


def test_an_engine_whose_connections_are_all_in_use_raises_a_transient_error(
    make_database: Callable[..., str],
) -> None:
    asyncio.run(wait_for_a_connection(make_database()))


async def write_and_fail(dsn: str) -> tuple[BaseException, ...]:
    engine = create_engine(dsn, "test", 1, statement_seconds=1)
    caught = []
    for query in ("select pg_sleep(2)", "select '\x01'::int", "select from missing"):
        with pytest.raises(exc.DBAPIError) as error:
            async with engine.connect() as connection:
                await connection.execute(text(query))
        caught.append(error.value)
    await engine.dispose()
    return tuple(caught)


def test_the_errors_of_an_engine_are_classified_and_described_like_those_of_the_driver(
    make_database: Callable[..., str],
) -> None:
    slow, wrong, missing = asyncio.run(write_and_fail(make_database()))
    assert [classify(error) for error in (slow, wrong, missing)] == [
        Kind.TRANSIENT,
        Kind.POISON,
        Kind.TRANSIENT,
    ]
    assert sentence_of(missing) == 'relation "missing" does not exist'


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
