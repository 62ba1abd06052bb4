"""Connects the objects of the service. No other module does."""

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
from notifications.api import deliveries as api
from notifications.clients.smtp import SmtpMailer
from notifications.handlers import TOPICS, derivation, handler
from notifications.mails.rendering import Renderer
from notifications.settings import Settings, sender_address, smtp_address
from notifications.store import tables
from notifications.workers.backlog import count_backlog
from notifications.workers.sender import Sender
from processkit.clock import utc_now
from processkit.health import Health
from processkit.loop import Worker
from processkit.postgres.engine import create_engine, opened
from processkit.watch import Watch
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.auth import Authenticator
from servicekit.settings import JwtSettings, load

SERVICE = "notifications"
SERVICE_DIR = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"

log = structlog.stdlib.get_logger(__name__)


def build_api(settings: Settings, health: Health) -> FastAPI:
    """Return the HTTP application. Its lifespan watches the database and closes the connections."""
    engine = create_engine(settings.database_url, "notifications-api", 4, statement_seconds=10)

    component = health.component("api")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with opened(engine, component, select(tables.deliveries).limit(0)):
            yield

    app = create_app("Masterji notifications", settings, health, version=VERSION, lifespan=lifespan)
    app.state.authenticator = Authenticator(load(JwtSettings))
    app.include_router(api.router(engine, Renderer(settings.app_url), utc_now))
    return app


def build_consumer(settings: Settings, health: Health) -> Mapping[str, Worker]:
    """Return the worker that reads Kafka and stores the mails that must be sent."""
    runner = ConsumerRunner(
        kafka=load(KafkaSettings),
        group_id=SERVICE,
        topics=TOPICS,
        dead_letter_topic=dead_letter_topic(SERVICE),
        handler=handler(derivation(settings.policy(), utc_now)),
        dsn=settings.database_direct_url,
        health=health,
    )
    return {"consumer": runner.run}


def build_clock(settings: Settings, health: Health) -> Mapping[str, Worker]:
    """Return the workers that retry failed derivations and watch pending mails and the consumer group.

    They do so even if no sender and no consumer runs.
    """
    dsn = settings.database_direct_url
    return {
        "clock": ClockWorker(derivation(settings.policy(), utc_now), dsn, health).run,
        "backlog": Watch("backlog", lambda tx: count_backlog(tx, utc_now()), dsn, health).run,
        "group-watch": GroupWatch(load(KafkaSettings), SERVICE, TOPICS, health).run,
    }


def build_senders(settings: Settings, health: Health) -> Mapping[str, Worker]:
    """Return MAIL_SENDERS workers, each with its own connection to the mail server."""
    renderer, address = Renderer(settings.app_url), smtp_address(settings.smtp_url)
    return {
        f"sender-{number}": Sender(
            settings.database_direct_url,
            SmtpMailer(address),
            renderer,
            sender_address(settings.mail_from),
            health,
            utc_now,
            max_attempts=settings.mail_max_attempts,
            name=f"sender-{number}",
        ).run
        for number in range(1, settings.mail_senders + 1)
    }


def rebuild(settings: Settings) -> int:
    """Derive every order again from the event set and return their number. No mail becomes pending."""
    return derivation(settings.policy(), utc_now).rebuild(settings.database_direct_url)
