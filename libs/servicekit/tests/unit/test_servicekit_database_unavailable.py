"""An unavailable database gives 503 with Retry-After, never 500."""

import asyncio

import psycopg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from psycopg_pool import PoolTimeout
from sqlalchemy import exc

from servicekit import problem


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection refused"),
        psycopg.errors.AdminShutdown("terminating connection"),
        PoolTimeout("no connection in time"),
        exc.OperationalError("select 1", {}, psycopg.OperationalError("connection refused")),
        exc.InterfaceError("select 1", {}, psycopg.InterfaceError("the connection is closed")),
        exc.TimeoutError("no connection in time"),
    ],
)
def test_an_unavailable_database_is_503(error: Exception) -> None:
    app = FastAPI()
    problem.install(app)

    @app.get("/")
    async def read() -> None:
        raise error

    async def ask() -> tuple[int, str | None, dict[str, object]]:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
            answer = await client.get("/")
        return answer.status_code, answer.headers.get("retry-after"), answer.json()

    status, retry_after, body = asyncio.run(ask())
    assert (status, retry_after) == (503, "5")
    assert body["type"] == "https://masterji.dev/problems/database-unavailable"
    assert "connection" not in str(body)
