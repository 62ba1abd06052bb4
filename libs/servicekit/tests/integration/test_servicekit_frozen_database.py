"""An API whose Postgres hangs reports that, answers every request, and recovers automatically."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from devstack import postgres
from devstack.postgres import PostgresServer
from devstack.processes import Owner
from devstack.testing.freezing import frozen
from processkit.health import Health
from processkit.postgres import pool as database
from servicekit.app import create_app
from servicekit.settings import ServiceSettings


@pytest.fixture
def private_postgres(masterji_owner: Owner, _server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres.start(masterji_owner, _server_folder / "frozen-postgres", durable=False)
    yield server
    server.stop()


@asynccontextmanager
async def service(pool: database.Pool) -> AsyncIterator[AsyncClient]:
    """An API with one endpoint that queries the database."""
    health = Health()
    app: FastAPI = create_app("Test", ServiceSettings(), health, version="1")

    @app.get("/one")
    async def one() -> list[int]:
        async with pool.connection() as connection:
            row = await (await connection.execute("select 1")).fetchone()
        return list(row or ())

    async with (
        database.opened(pool, health.component("api"), "select", every_seconds=0.1),
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


async def story(server: PostgresServer, checked: bool) -> None:
    assert server.child is not None
    pool = database.create_pool(
        server.admin_dsn, "test", 2, statement_seconds=1, wait_seconds=2, checked=checked
    )
    async with service(pool) as client:
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
    private_postgres: PostgresServer, checked: bool
) -> None:
    asyncio.run(story(private_postgres, checked))


async def sources(pool: database.Pool) -> set[str]:
    query = (
        "select source from pg_settings where name in ('statement_timeout', 'default_transaction_read_only')"
    )
    async with pool, pool.connection() as connection:
        return {row[0] for row in await (await connection.execute(query)).fetchall()}


def test_connections_use_no_startup_parameter_that_a_pooler_refuses(
    make_database: Callable[..., str],
) -> None:
    pool = database.create_pool(make_database(), "the-name", 2, statement_seconds=7, read_only=True)
    assert asyncio.run(sources(pool)) == {"session"}, "PgBouncer takes no `options`"


async def settings_of(pool: database.Pool, *names: str) -> list[str]:
    async with pool, pool.connection() as connection:
        shown = [
            await (await connection.execute("select current_setting(%s)", (name,))).fetchone()
            for name in names
        ]
    return [row[0] for row in shown if row]


@pytest.mark.parametrize("autocommit", [True, False])
@pytest.mark.parametrize(("read_only", "shown"), [(True, "on"), (False, "off")])
def test_every_connection_of_a_pool_has_its_limits(
    make_database: Callable[..., str], autocommit: bool, read_only: bool, shown: str
) -> None:
    pool = database.create_pool(
        make_database(), "the-name", 2, statement_seconds=7, autocommit=autocommit, read_only=read_only
    )
    names = ("statement_timeout", "transaction_read_only", "application_name", "tcp_user_timeout")
    assert asyncio.run(settings_of(pool, *names)) == ["7s", shown, "the-name", "20000"]
