"""The only place where the parts of checkout are wired together."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import handlers
from checkout.api import attention, catalog, orders, problems
from checkout.clients.stripe import Stripe
from checkout.pages.storefront import errors as page_errors
from checkout.pages.storefront import routes
from checkout.pages.storefront.rendering import create_pages
from checkout.pages.storefront.visitor import Sessions
from checkout.settings import ApiSettings, ProcessSettings, StripeSettings
from checkout.store import tables
from checkout.usecases.accepting import Accepting
from checkout.usecases.closing import Closing
from checkout.usecases.purchase import Policy, Purchases
from checkout.usecases.refunds import Refunds
from checkout.usecases.revoking import Revoking
from checkout.workers.duplicate_refunds import DuplicateRefunds
from checkout.workers.endpoints import EndpointCheck
from checkout.workers.expiry import Expiry
from checkout.workers.rereads import Rereads
from checkout.workers.stripe_worker import StripeWorker
from checkout.workers.watch import count_attention
from messaging.runtime import workers
from messaging.runtime.workers import Group
from messaging.settings import KafkaSettings
from processkit.loop import Worker
from processkit.postgres.engine import create_engine, opened
from processkit.watch import Watch
from schemas.topics import dead_letter_topic
from servicekit.app import create_app
from servicekit.auth import Authenticator
from servicekit.roles import Api, Context, Schema, Service, roles
from servicekit.settings import load

log = structlog.stdlib.get_logger(__name__)

NAME = "checkout"
VERSION = "1"
GROUP = Group(handlers.GROUP, handlers.TOPICS, dead_letter_topic(NAME))
STATEMENT_SECONDS = 5
"""With the client's own margin, this is below ANSWER_SECONDS: the caller is told that the database hangs."""


def new_id(prefix: str) -> Callable[[], str]:
    """Return a generator of ids such as ord_4f…, with 96 random bits so that they cannot be guessed."""
    return lambda: f"{prefix}_{secrets.token_hex(12)}"


def _engine(dsn: str, name: str, largest: int) -> AsyncEngine:
    return create_engine(
        dsn, name, largest, statement_seconds=STATEMENT_SECONDS, wait_seconds=3, prepared=False
    )


def _stripe(settings: StripeSettings) -> Stripe:
    return Stripe(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base)


def api(context: Context[ApiSettings]) -> Api:
    """Return API and storefront. The lifespan watches the database and closes the connections."""
    settings, health, clock = context.settings, context.health, context.clock
    engine = _engine(settings.database_url, "checkout-api", 20)
    stripe = _stripe(settings)
    policy = Policy(
        version=settings.terms_version,
        app_url=settings.app_url,
        return_origins=settings.all_return_origins,
        default_currency=settings.default_currency,
        session_lifetime=settings.session_lifetime,
    )
    purchases = Purchases(engine, stripe, policy, clock, new_id("ord"))
    refunds = Refunds(engine, stripe, clock, new_id("ref"))
    pages = create_pages(settings.brand, settings.payment_page_origins, settings.terms_version)
    sessions = Sessions(settings.app_url, settings.sign_in_url, settings.all_return_origins)
    component = health.component("database")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with opened(engine, component, select(tables.orders.c.order_id).limit(0)):
            try:
                yield
            finally:
                await stripe.close()

    app = create_app("Masterji checkout", settings, health, version=VERSION, lifespan=lifespan)
    app.state.authenticator = Authenticator(settings)
    problems.install(app)
    app.include_router(catalog.router(engine, clock))
    closing, accepting = Closing(engine, stripe, clock), Accepting(engine, stripe, clock)
    revoking = Revoking(engine, clock)
    app.include_router(orders.router(engine, purchases, refunds, closing, accepting, revoking))
    app.include_router(attention.router(engine, stripe, clock))
    app.include_router(
        routes.router(
            engine,
            purchases,
            pages,
            sessions,
            clock,
            app_url=settings.app_url,
            sign_in_url=settings.sign_in_url,
            terms_version=settings.terms_version,
            default_currency=settings.default_currency,
        )
    )
    app.routes.extend(pages.routes())
    page_errors.install(app, pages)
    return Api(app)


def consumer(context: Context[ProcessSettings]) -> Mapping[str, Worker]:
    """Return the worker that consumes Stripe's events and enrollment's announcements."""
    return GROUP.consumer(context, load(KafkaSettings), handlers.CheckoutHandler(context.clock))


def relay(context: Context[ProcessSettings]) -> Mapping[str, Worker]:
    """Return the workers that publish the outbox and measure its backlog."""
    return workers.relay(context, load(KafkaSettings), f"{NAME}-relay")


def clock(context: Context[ProcessSettings]) -> Mapping[str, Worker]:
    """Return the workers that retry failed derivations, expire orders without a payment page, and count what
    needs an operator.

    They also watch the outbox and the consumer group: without a relay or a consumer no other role reports
    that none is running.
    """
    settings, health, now = context.settings, context.health, context.clock
    dsn = settings.database_direct_url
    expiry = Expiry(dsn, health, now, timedelta(minutes=settings.order_minutes))
    return {
        **GROUP.clock(context, load(KafkaSettings), handlers.derivation(now)),
        "expiry": expiry.run,
        "watch": Watch("watch", lambda tx: count_attention(tx, now()), dsn, health).run,
        **workers.outbox(context),
    }


def duplicate_refunds(context: Context[StripeSettings]) -> Mapping[str, Worker]:
    """Return the worker that refunds courses bought twice; none if REFUND_DUPLICATES is false."""
    if not context.settings.refund_duplicates:
        log.warning("duplicate purchases are not refunded: REFUND_DUPLICATES is false")
        return {}
    return _stripe_worker(context, DuplicateRefunds)


def refresher(context: Context[StripeSettings]) -> Mapping[str, Worker]:
    """Return the workers that ask Stripe what became of payments and disputes that wait for long, and whether
    the webhook endpoints send what is needed."""
    settings = context.settings
    check = EndpointCheck(
        lambda: _stripe(settings), settings.stripe_webhook_path, context.health, context.clock
    )
    return {**_stripe_worker(context, Rereads), EndpointCheck.NAME: check.run}


def _stripe_worker(context: Context[StripeSettings], kind: type[StripeWorker]) -> Mapping[str, Worker]:
    settings = context.settings
    worker = kind(
        lambda: _engine(settings.database_url, f"checkout-{kind.NAME}", 1),
        lambda: _stripe(settings),
        context.health,
        context.clock,
    )
    return {kind.NAME: worker.run}


SERVICE = Service(
    name=NAME,
    schema=Schema(Path(__file__).resolve().parents[2], tables.REVISION),
    settings=ApiSettings,
    api=api,
    workers=roles(ProcessSettings, consumer=consumer, relay=relay, clock=clock)
    | roles(StripeSettings, refunds=duplicate_refunds, refresher=refresher),
)
