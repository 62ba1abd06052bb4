"""The ASGI application: Stripe's API, the hosted pages and the controls on one port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from stripe_sandbox import timekeeper
from stripe_sandbox.control.controls import Controls
from stripe_sandbox.control.running import Server
from stripe_sandbox.control.webhook_controls import WebhookControls
from stripe_sandbox.dashboard.views import Dashboard
from stripe_sandbox.endpoints.billing_resources import (
    billing_portal,
    coupons,
    invoice_items,
    invoices,
    prices,
    products,
    promotion_codes,
    subscription_items,
    subscriptions,
    test_clocks,
)
from stripe_sandbox.endpoints.event_resources import events, webhook_endpoints
from stripe_sandbox.endpoints.payment_resources import (
    balance,
    balance_transactions,
    charges,
    customers,
    disputes,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from stripe_sandbox.endpoints.session_resources import checkout_sessions, page_sessions, payment_pages
from stripe_sandbox.pages.customer_portal import PortalPages
from stripe_sandbox.pages.frames import Frames
from stripe_sandbox.pages.hosted import Pages
from stripe_sandbox.pages.invoice_page import InvoicePages
from stripe_sandbox.pages.rendering import Renderer
from stripe_sandbox.rest.dispatch import Api
from stripe_sandbox.rest.guard import Guard
from stripe_sandbox.settings import Settings

RESOURCES = (
    checkout_sessions,
    payment_intents,
    setup_intents,
    payment_methods,
    payment_pages,
    page_sessions,
    customers,
    products,
    prices,
    coupons,
    promotion_codes,
    charges,
    refunds,
    disputes,
    subscriptions,
    subscription_items,
    invoice_items,
    invoices,
    test_clocks,
    billing_portal,
    balance,
    balance_transactions,
    events,
    webhook_endpoints,
)


def create_app(settings: Settings) -> Starlette:
    """The application. `app.state.server` is the server; the lifespan runs dispatcher and timekeeper."""
    server = Server(settings)
    routes = [route for resource in RESOURCES for route in resource.operations.routes]
    api = Api(server.sandbox, routes, server.faults, server.requests, timekeeper.tick)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(server.dispatcher.run(), name="dispatcher"),
            asyncio.create_task(timekeeper.run(server.sandbox, server.committed), name="timekeeper"),
        ]
        server.background = tasks
        for task in tasks:
            task.add_done_callback(_report)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            server.sandbox.store.close()

    methods = ["GET", "POST", "DELETE", "PUT", "PATCH"]
    table: list[BaseRoute] = [Route("/v1/{path:path}", api.answer, methods=methods)]
    table += Controls(server).routes() + WebhookControls(server).routes()
    renderer = Renderer()
    table += Pages(server, renderer).routes()
    table += Frames(server, renderer).routes()
    table += PortalPages(server, renderer).routes()
    table += InvoicePages(server, renderer).routes()
    table += Dashboard(server, renderer).routes()
    app = Starlette(routes=table, lifespan=lifespan, middleware=[Middleware(Guard, settings=settings)])
    app.state.server = server
    return app


def _report(task: asyncio.Task[None]) -> None:
    """Report a background task that has failed; it never ends otherwise."""
    if not task.cancelled() and task.exception() is not None:
        context = {"message": "A background task of the sandbox has failed", "exception": task.exception()}
        asyncio.get_running_loop().call_exception_handler(context)
