"""An API whose Postgres hangs reports that, answers every request, and recovers automatically.

The same holds for a pool of the driver and for an engine of SQLAlchemy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from devstack import postgres
from devstack.postgres import PostgresServer
from devstack.processes import Owner
from devstack.testing.freezing import frozen
from processkit.health import Component, Health
from processkit.postgres import engine as engines
from processkit.postgres import pool as pools
from servicekit.app import create_app
from servicekit.settings import ServiceSettings


class Queries(Protocol):
    """An API's way to its database: a pool, or an engine."""

    def opened(self, component: Component) -> AbstractAsyncContextManager[None]: ...

    async def row(self, query: str) -> list[Any]: ...


@dataclass
class OfPool:
    pool: pools.Pool

    def opened(self, component: Component) -> AbstractAsyncContextManager[None]:
        return pools.opened(self.pool, component, "select", every_seconds=0.1)

    async def row(self, query: str) -> list[Any]:
        async with self.pool.connection() as connection:
            row = await (await connection.execute(query.encode())).fetchone()
        return list(row or ())


@dataclass
class OfEngine:
    engine: AsyncEngine

    def opened(self, component: Component) -> AbstractAsyncContextManager[None]:
        return engines.opened(self.engine, component, text("select"), every_seconds=0.1)

    async def row(self, query: str) -> list[Any]:
        async with self.engine.connect() as connection:
            return list((await connection.execute(text(query))).one())


class Create(Protocol):
    def __call__(
        self,
        dsn: str,
        name: str,
        largest: int,
        *,
        statement_seconds: int,
        wait_seconds: float = 5.0,
        autocommit: bool = False,
        read_only: bool = False,
        checked: bool = True,
    ) -> Queries: ...


def create_pool(*args: Any, **options: Any) -> Queries:
    return OfPool(pools.create_pool(*args, **options))


def create_engine(*args: Any, **options: Any) -> Queries:
    return OfEngine(engines.create_engine(*args, **options))


@pytest.fixture(params=[create_pool, create_engine], ids=["pool", "engine"])
def create(request: pytest.FixtureRequest) -> Create:
    chosen: Create = request.param
    return chosen


@pytest.fixture
def private_postgres(masterji_owner: Owner, _server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres.start(masterji_owner, _server_folder / "frozen-postgres", durable=False)
    yield server
    server.stop()


@asynccontextmanager
async def service(database: Queries) -> AsyncIterator[AsyncClient]:
    """An API with one endpoint that queries the database."""
    health = Health()
    app: FastAPI = create_app("Test", ServiceSettings(), health, version="1")

    @app.get("/one")
    async def one() -> list[int]:
        return await database.row("select 1")

    async with (
        database.opened(health.component("api")),
        AsyncClient(transport=ASGITransport(app), base_url="http://service") as client,
    ):
        yield client


async def until(client: AsyncClient, status: int, words: str = "") -> Response:
    async with asyncio.timeout(60):
        while True:
            answer = await client.get("/health/ready")
            if answer.status_code == status and words in answer.text:
                return answer
            await asyncio.sleep(0.05)


async def up(client: AsyncClient) -> str:
    lines = (await client.get("/metrics")).text.splitlines()
    return next(line for line in lines if line.startswith('service_component_up{component="api"}'))


async def story(server: PostgresServer, create: Create, checked: bool) -> None:
    assert server.child is not None
    database = create(server.admin_dsn, "test", 2, statement_seconds=1, wait_seconds=2, checked=checked)
    async with service(database) as client:
        await until(client, 200)
        assert (await client.get("/one")).json() == [1]
        assert (await up(client)).endswith(" 1.0")
        with frozen(server.child.pid):
            # More requests than the pool has connections; each of them is answered.
            async with asyncio.timeout(60):
                answers = await asyncio.gather(*(client.get("/one") for _ in range(5)))
            for answer in answers:
                assert answer.status_code == 503
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["retry-after"] == "5"
                assert answer.json()["detail"] == "The database is unavailable. Try again in a few seconds."
            await until(client, 503, "the database does not answer as it should")
            assert (await up(client)).endswith(" 0.0")
        await until(client, 200)
        assert (await up(client)).endswith(" 1.0")
        assert [(await client.get("/one")).json() for _ in range(5)] == [[1]] * 5


@pytest.mark.parametrize("checked", [True, False])
def test_a_hanging_database_is_reported_and_every_request_is_answered(
    private_postgres: PostgresServer, create: Create, checked: bool
) -> None:
    asyncio.run(story(private_postgres, create, checked))


async def row(database: Queries, query: str) -> list[Any]:
    async with database.opened(Component("database")):
        return await database.row(query)


def test_connections_use_no_startup_parameter_that_a_pooler_refuses(
    make_database: Callable[..., str], create: Create
) -> None:
    database = create(make_database(), "the-name", 2, statement_seconds=7, read_only=True)
    query = """
    select array_agg(distinct source) from pg_settings
     where name in ('statement_timeout', 'default_transaction_read_only')"""
    assert asyncio.run(row(database, query)) == [["session"]], "PgBouncer takes no `options`"


@pytest.mark.parametrize("autocommit", [True, False])
@pytest.mark.parametrize(("read_only", "shown"), [(True, "on"), (False, "off")])
def test_every_connection_has_its_limits(
    make_database: Callable[..., str], create: Create, autocommit: bool, read_only: bool, shown: str
) -> None:
    database = create(
        make_database(), "the-name", 2, statement_seconds=7, autocommit=autocommit, read_only=read_only
    )
    names = ("statement_timeout", "transaction_read_only", "application_name", "tcp_user_timeout")
    query = "select " + ", ".join(f"current_setting('{name}')" for name in names)
    assert asyncio.run(row(database, query)) == ["7s", shown, "the-name", "20000"]
