"""`seed`: the design of most tutorials: an async FastAPI route, construct_event, one insert per request."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import stripe
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from psycopg.types.json import Json
from psycopg_pool import AsyncConnectionPool

from bench.events import SECRET

_pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=10,
    max_size=10,
    open=False,
    kwargs={"autocommit": True, "options": "-c synchronous_commit=on"},
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Open the pool for the lifetime of the application."""
    async with _pool:
        async with _pool.connection() as connection:
            await connection.execute(
                "create table if not exists webhook_event "
                "(id text primary key, type text not null, payload jsonb not null)"
            )
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/stripe")
async def webhook(request: Request, stripe_signature: Annotated[str, Header()]) -> dict[str, bool]:
    """Verify, insert and answer."""
    payload = await request.body()
    try:
        event = stripe.Webhook.construct_event(payload, stripe_signature, SECRET)
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise HTTPException(400) from error
    async with _pool.connection() as connection:
        await connection.execute(
            "insert into webhook_event values (%s, %s, %s) on conflict do nothing",
            (event.id, event.type, Json(event.to_dict())),
        )
    return {"received": True}


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
