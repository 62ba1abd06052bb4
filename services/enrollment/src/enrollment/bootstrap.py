"""The only place where enrollment's objects are wired together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from enrollment.api.tokens import RememberingAuthenticator
from enrollment.clients import HttpStripeReader
from enrollment.handlers import TOPICS, handler
from enrollment.settings import Settings
from enrollment.store import grants as store
from enrollment.store import tables
from enrollment.usecases import deriving
from enrollment.usecases.operations import Operations
from enrollment.workers.refresher import Refresher
from enrollment.workers.watch import count_gaps
from messaging.eventset.derivation import Derivation
from messaging.runtime import workers
from messaging.runtime.workers import Group
from messaging.settings import KafkaSettings
from processkit.loop import Worker
from processkit.postgres import pool as database
from processkit.postgres.database import Database
from processkit.watch import Watch
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.roles import Api, Context, Schema, Service, roles
from servicekit.settings import JwtSettings, load

NAME = "enrollment"
VERSION = "0.1.0"
GROUP = Group(NAME, TOPICS, dead_letter_topic(NAME))


def api(context: Context[Settings]) -> Api:
    """Return the HTTP application; its lifespan opens and closes the connections.

    `GET /v1/access` has a pool of its own, whose connections are not checked before use, since that would
    double the round trips to the database. A request that gets a broken connection is answered with 503, and
    the connection is replaced.
    """
    # Imported here: the engine would make the roles without an API slower to start.
    from enrollment.api import access, administration
    from processkit.postgres.engine import create_engine

    settings, health, clock = context.settings, context.health, context.clock
    pool = database.create_pool(
        settings.database_url, "enrollment-access", 6, statement_seconds=5, checked=False
    )
    engine = create_engine(settings.database_url, "enrollment-api", 4, statement_seconds=5)
    component = health.component("api")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            async with database.opened(pool, component, "select from access limit 0"):
                yield
        finally:
            await engine.dispose()

    app = create_app("Masterji enrollment", settings, health, version=VERSION, lifespan=lifespan)
    app.state.authenticator = RememberingAuthenticator(load(JwtSettings))
    app.include_router(access.router(pool, engine, clock))
    operations = Operations(settings.database_url, settings.policy, clock)
    app.include_router(administration.router(engine, operations, clock, settings.gap_after))
    return Api(app)


def consumer(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the worker that consumes the topics and derives who has access."""
    return GROUP.consumer(
        context, load(KafkaSettings), handler(_derivation(context)), batch_size=context.settings.batch_size
    )


def relay(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the workers that publish the outbox and measure its backlog."""
    return workers.relay(context, load(KafkaSettings), f"{NAME}-relay")


def clock(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the worker that derives what is due, and those that set the figures that alerts use.

    They also watch the outbox and the consumer group: an alert must not depend on the role that it reports
    on.
    """
    settings, health, now = context.settings, context.health, context.clock
    dsn = settings.database_direct_url
    gaps = Watch("gaps", lambda tx: count_gaps(tx, now(), settings.gap_after), dsn, health)
    return {
        **GROUP.clock(context, load(KafkaSettings), _derivation(context)),
        "gaps": gaps.run,
        **workers.outbox(context),
    }


def refresher(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the worker that reads objects from Stripe again; without STRIPE_READ_KEY it reads none."""
    settings = context.settings
    key = settings.stripe_read_key
    worker = Refresher(
        settings.database_direct_url,
        HttpStripeReader(key, settings.stripe_api_base) if key else None,
        context.health,
        context.clock,
        gap_after=settings.gap_after,
    )
    return {"refresher": worker.run}


def rebuild(context: Context[Settings]) -> str:
    """Derive every user again from the event set, without announcements. Consumers may keep running."""
    dsn = context.settings.database_direct_url
    # The hash reads whole tables, which may take longer than the statement timeout of the workers.
    direct = Database(dsn, "rebuild", statement_timeout_seconds=None)
    try:
        users = _derivation(context).rebuild(dsn, chunk=1000)
        with direct.transaction() as tx:
            return f"Derived {users} users again. State hash {store.state_hash(tx)}."
    finally:
        direct.close()


def _derivation(context: Context[Settings]) -> Derivation[Any]:
    return deriving.derivation(context.settings.policy, context.clock)


SERVICE = Service(
    name=NAME,
    schema=Schema(Path(__file__).resolve().parents[2], tables.REVISION),
    settings=Settings,
    api=api,
    workers=roles(Settings, consumer=consumer, relay=relay, clock=clock, refresher=refresher),
    commands={"rebuild": rebuild},
)
