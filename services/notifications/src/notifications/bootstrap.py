"""The only place where the service's objects are wired together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from messaging.runtime.workers import Group
from messaging.settings import KafkaSettings
from notifications.api import deliveries
from notifications.clients.smtp import SmtpMailer
from notifications.handlers import TOPICS, derivation, handler
from notifications.mails.rendering import Renderer
from notifications.settings import Settings, sender_address, smtp_address
from notifications.store import tables
from notifications.workers.backlog import count_backlog
from notifications.workers.sender import Sender
from processkit.loop import Worker
from processkit.postgres.engine import create_engine, opened
from processkit.watch import Watch
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.auth import Authenticator
from servicekit.roles import Api, Context, Role, Schema, Service
from servicekit.settings import JwtSettings, load

NAME = "notifications"
VERSION = "0.1.0"
GROUP = Group(NAME, TOPICS, dead_letter_topic(NAME))


def api(context: Context[Settings]) -> Api:
    """Return the HTTP application. Its lifespan watches the database and closes the connections."""
    settings, health = context.settings, context.health
    engine = create_engine(settings.database_url, "notifications-api", 4, statement_seconds=10)
    component = health.component("api")

    app = create_app(
        "Masterji notifications",
        settings,
        health,
        version=VERSION,
        lifespan=lambda _: opened(engine, component, select(tables.deliveries).limit(0)),
    )
    app.state.authenticator = Authenticator(load(JwtSettings))
    app.include_router(deliveries.router(engine, Renderer(settings.app_url, settings.brand), context.clock))
    return Api(app)


def consumer(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the worker that reads Kafka and stores the mails that must be sent."""
    return GROUP.consumer(
        context, load(KafkaSettings), handler(derivation(context.settings.policy(), context.clock))
    )


def clock(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the workers that retry failed derivations and watch pending mails and the consumer group.

    They do so even if no sender and no consumer runs.
    """
    settings, health, now = context.settings, context.health, context.clock
    dsn = settings.database_direct_url
    return {
        **GROUP.clock(context, load(KafkaSettings), derivation(settings.policy(), now)),
        "backlog": Watch("backlog", lambda tx: count_backlog(tx, now()), dsn, health).run,
    }


def senders(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return MAIL_SENDERS workers, each with its own connection to the mail server."""
    settings = context.settings
    renderer, address = Renderer(settings.app_url, settings.brand), smtp_address(settings.smtp_url)
    return {
        f"sender-{number}": Sender(
            settings.database_direct_url,
            SmtpMailer(address),
            renderer,
            sender_address(settings.mail_from),
            context.health,
            context.clock,
            max_attempts=settings.mail_max_attempts,
            name=f"sender-{number}",
        ).run
        for number in range(1, settings.mail_senders + 1)
    }


def rebuild(context: Context[Settings]) -> str:
    """Derive every order again from the event set, without sending mail. Consumers may keep running."""
    settings = context.settings
    orders = derivation(settings.policy(), context.clock).rebuild(settings.database_direct_url)
    return f"Derived {orders} orders again."


SERVICE = Service(
    name=NAME,
    schema=Schema(Path(__file__).resolve().parents[2], tables.REVISION),
    settings=Settings,
    api=api,
    workers={
        "consumer": Role(Settings, consumer),
        "clock": Role(Settings, clock),
        "sender": Role(Settings, senders),
    },
    commands={"rebuild": rebuild},
)
