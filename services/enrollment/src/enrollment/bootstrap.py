"""Creates and connects enrollment's objects. Nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from fastapi import FastAPI

from enrollment.api.tokens import RememberingAuthenticator
from enrollment.clients import HttpStripeReader
from enrollment.handlers import TOPICS, handler
from enrollment.settings import Settings
from enrollment.store import grants as store
from enrollment.usecases.deriving import derivation as derivation_of_users
from enrollment.usecases.operations import Operations
from enrollment.workers.refresher import Refresher
from enrollment.workers.watch import count_gaps
from messaging.eventset.clock import ClockWorker
from messaging.outbox.backlog import outbox_watch
from messaging.outbox.relay import Relay
from messaging.producer import create_producer
from messaging.runtime.group_watch import GroupWatch
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.clock import utc_now
from processkit.health import Health
from processkit.loop import Worker
from processkit.postgres import pool as database
from processkit.postgres.database import Database
from processkit.watch import Watch
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.settings import JwtSettings, load

SERVICE = "enrollment"
SERVICE_DIR = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"

log = structlog.stdlib.get_logger(__name__)


def build_api(settings: Settings, health: Health) -> FastAPI:
    """Return the HTTP application; its lifespan opens and closes the connections.

    `GET /v1/access` has a pool of its own, whose connections are not checked before use, since that would
    double the round trips to the database. A request that gets a broken connection is answered with 503, and
    the connection is replaced.
    """
    # Imported here: the engine would make the roles without an API slower to start.
    from enrollment.api import access, administration
    from processkit.postgres.engine import create_engine

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
    app.include_router(access.router(pool, engine, utc_now))
    operations = Operations(settings.database_url, settings.policy, utc_now)
    gap_after = timedelta(minutes=settings.paid_not_enrolled_minutes)
    app.include_router(administration.router(engine, operations, utc_now, gap_after))
    return app


def build_workers(settings: Settings, health: Health, names: Collection[str]) -> Mapping[str, Worker]:
    """Return the named workers: consumer, relay, clock, refresher.

    The clock role also sets the figures that alerts use, and watches the consumer group: an alert must not
    depend on the role that it reports on.
    """
    dsn = settings.database_direct_url
    derivation = derivation_of_users(settings.policy, utc_now)
    gap_after = timedelta(minutes=settings.paid_not_enrolled_minutes)

    def consumer() -> dict[str, Worker]:
        runner = ConsumerRunner(
            kafka=load(KafkaSettings),
            group_id=SERVICE,
            topics=TOPICS,
            dead_letter_topic=dead_letter_topic(SERVICE),
            handler=handler(derivation),
            dsn=dsn,
            health=health,
            batch_size=settings.batch_size,
        )
        return {"consumer": runner.run}

    def relay() -> dict[str, Worker]:
        kafka = load(KafkaSettings)
        worker = Relay(dsn, lambda: create_producer(kafka, "enrollment-relay"), health)
        return {"relay": worker.run, "outbox": outbox_watch(dsn, health).run}

    def clock() -> dict[str, Worker]:
        return {
            "clock": ClockWorker(derivation, dsn, health).run,
            "gaps": Watch("gaps", lambda tx: count_gaps(tx, utc_now(), gap_after), dsn, health).run,
            "outbox": outbox_watch(dsn, health).run,
            "group-watch": GroupWatch(load(KafkaSettings), SERVICE, TOPICS, health).run,
        }

    def refresher() -> dict[str, Worker]:
        key = settings.stripe_read_key
        reader = HttpStripeReader(key, settings.stripe_api_base) if key else None
        return {"refresher": Refresher(dsn, reader, health, utc_now, gap_after=gap_after).run}

    builders: dict[str, Callable[[], dict[str, Worker]]] = {
        "consumer": consumer,
        "relay": relay,
        "clock": clock,
        "refresher": refresher,
    }
    workers: dict[str, Worker] = {}
    for name in names:
        workers |= builders[name]()
    return workers


def rebuild(settings: Settings) -> tuple[int, str]:
    """Derive every user again from the event set, without announcements.

    Returns the number of users and the hash of the state. Consumers may run at the same time.
    """
    dsn = settings.database_direct_url
    # The hash reads whole tables, which may take longer than the statement timeout of the workers.
    direct = Database(dsn, "rebuild", statement_timeout_seconds=None)
    try:
        done = derivation_of_users(settings.policy, utc_now).rebuild(dsn, chunk=1000)
        with direct.transaction() as tx:
            return done, store.state_hash(tx)
    finally:
        direct.close()
