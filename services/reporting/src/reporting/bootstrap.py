"""The only place where reporting's objects are wired together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from messaging.runtime.workers import Group
from messaging.settings import KafkaSettings
from processkit.loop import Worker
from processkit.postgres.engine import create_engine, opened
from reporting.api import reports
from reporting.handlers import TOPICS, handler
from reporting.settings import Settings
from reporting.store import ledger_rows as store
from reporting.store import tables
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.auth import Authenticator
from servicekit.roles import Api, Context, Schema, Service, roles
from servicekit.settings import JwtSettings, load

NAME = "reporting"
VERSION = "0.1.0"
GROUP = Group(NAME, TOPICS, dead_letter_topic(NAME))


def api(context: Context[Settings]) -> Api:
    """Return the HTTP application. Its lifespan closes the database engine."""
    settings, health = context.settings, context.health
    engine = create_engine(
        settings.database_url, "reporting-api", 8, statement_seconds=15, read_only=True, autocommit=True
    )
    component = health.component("api")

    app = create_app(
        "Masterji reporting",
        settings,
        health,
        version=VERSION,
        lifespan=lambda _: opened(engine, component, select(tables.progress).limit(0)),
    )
    app.state.authenticator = Authenticator(load(JwtSettings))
    app.include_router(reports.router(engine, context.clock))
    return Api(app)


def consumer(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the worker that consumes the topics and maintains the ledger."""
    return GROUP.consumer(context, load(KafkaSettings), handler(store.derivation(context.clock)))


def clock(context: Context[Settings]) -> Mapping[str, Worker]:
    """Return the workers that retry failed derivations and monitor the consumer group.

    They do not need a consumer in the same process.
    """
    return GROUP.clock(context, load(KafkaSettings), store.derivation(context.clock))


def rebuild(context: Context[Settings]) -> str:
    """Derive every ledger again from the event set. Consumers may run at the same time."""
    owners = store.derivation(context.clock).rebuild(context.settings.database_direct_url)
    return f"Derived {owners} owners again."


SERVICE = Service(
    name=NAME,
    schema=Schema(Path(__file__).resolve().parents[2], tables.REVISION),
    settings=Settings,
    api=api,
    workers=roles(Settings, consumer=consumer, clock=clock),
    commands={"rebuild": rebuild},
)
