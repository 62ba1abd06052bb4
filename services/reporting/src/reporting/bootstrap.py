"""Wires reporting's objects together; no other module does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI
from sqlalchemy import select

from messaging.eventset.clock import ClockWorker
from messaging.runtime.group_watch import GroupWatch
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.clock import utc_now
from processkit.health import Health
from processkit.loop import Worker
from reporting.handlers import TOPICS, handler
from reporting.settings import Settings
from reporting.store import ledger_rows as store
from reporting.store.tables import progress
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.auth import Authenticator
from servicekit.settings import JwtSettings, load

SERVICE = "reporting"
SERVICE_DIR = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"

log = structlog.stdlib.get_logger(__name__)


def build_api(settings: Settings, health: Health) -> FastAPI:
    """Return the HTTP application. Its lifespan closes the database engine."""
    # Imported here: the engine would make the roles without an API slower to start.
    from processkit.postgres.engine import create_engine, opened
    from reporting.api import reports as api

    engine = create_engine(
        settings.database_url, "reporting-api", 8, statement_seconds=15, read_only=True, autocommit=True
    )
    component = health.component("api")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with opened(engine, component, select(progress).limit(0)):
            yield

    app = create_app("Masterji reporting", settings, health, version=VERSION, lifespan=lifespan)
    app.state.authenticator = Authenticator(load(JwtSettings))
    app.include_router(api.router(engine, utc_now))
    return app


def build_consumer(settings: Settings, health: Health) -> Mapping[str, Worker]:
    """Return the worker that consumes the topics and maintains the ledger."""
    runner = ConsumerRunner(
        kafka=load(KafkaSettings),
        group_id=SERVICE,
        topics=TOPICS,
        dead_letter_topic=dead_letter_topic(SERVICE),
        handler=handler(store.derivation(utc_now)),
        dsn=settings.database_direct_url,
        health=health,
    )
    return {"consumer": runner.run}


def build_clock(settings: Settings, health: Health) -> Mapping[str, Worker]:
    """Return the workers that retry failed derivations and monitor the consumer group.

    They do not need a consumer in the same process.
    """
    return {
        "clock": ClockWorker(store.derivation(utc_now), settings.database_direct_url, health).run,
        "group-watch": GroupWatch(load(KafkaSettings), SERVICE, TOPICS, health).run,
    }


def rebuild(settings: Settings) -> int:
    """Derive every ledger again from the event set. Return the number of owners."""
    return store.derivation(utc_now).rebuild(settings.database_direct_url)
