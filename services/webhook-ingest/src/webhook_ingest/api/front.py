"""The HTTP side: the webhook in front, and behind it what every service serves (health, metrics, docs)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import Receive, Scope, Send

from processkit.health import Health
from servicekit.app import create_app
from servicekit.problem import DOCUMENT_SCHEMA, MEDIA_TYPE
from webhook_ingest.api.webhook import PATH, Webhook
from webhook_ingest.clients.publisher import Publisher
from webhook_ingest.settings import Settings

_VERSION = "1.0"


class Front:
    """Sends the webhook's path straight to it, past middleware and router; all else to the framework."""

    def __init__(self, webhook: Webhook, behind: FastAPI) -> None:
        self._webhook = webhook
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"] == PATH:
            await self._webhook(scope, receive, send)
        else:
            await self._behind(scope, receive, send)


def create_front(webhook: Webhook, publisher: Publisher, settings: Settings, health: Health) -> Front:
    """The whole application. When it stops, what is in flight is flushed."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        publisher.close()

    app = create_app("Webhook ingest", settings, health, version=_VERSION, lifespan=lifespan)

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            app.openapi_schema.setdefault("paths", {})[PATH] = _DOCUMENTATION
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents
    return Front(webhook, app)


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": DOCUMENT_SCHEMA}}}


_DOCUMENTATION: dict[str, Any] = {
    "post": {
        "summary": "Take an event from Stripe",
        "description": "Answers 200 once Kafka has the event. Stripe repeats what was answered otherwise.",
        "parameters": [
            {"name": "Stripe-Signature", "in": "header", "required": True, "schema": {"type": "string"}},
            {"name": "traceparent", "in": "header", "required": False, "schema": {"type": "string"}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {"description": "Kafka has the event"},
            "400": _problem("Signature, timestamp, mode or content are not right; nothing was published"),
            "405": _problem("Only POST"),
            "408": _problem("The body came too slowly"),
            "413": _problem("The body is larger than 900 KiB"),
            "415": _problem("Not plain application/json"),
            "503": _problem("Kafka does not take the event now; send it again after Retry-After"),
        },
    }
}
