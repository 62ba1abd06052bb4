"""The FastAPI application that every service starts from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.responses import JSONResponse, Response

from processkit.health import Health
from servicekit import problem
from servicekit.guard import Guard
from servicekit.query import refuse_unknown_parameters
from servicekit.settings import ServiceSettings

MAX_JSON_BODY = 64 * 1024
"""In bytes. No request of our JSON APIs is nearly as large."""

COMPONENT_UP = Gauge(
    "service_component_up",
    "1 while this part of the process works, as in /health/ready",
    ["component"],
)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def create_app(
    title: str,
    settings: ServiceSettings,
    health: Health,
    *,
    version: str,
    lifespan: Lifespan | None = None,
    max_body: int = MAX_JSON_BODY,
) -> FastAPI:
    """Return an application with /health/live, /health/ready, /metrics, /docs, problem details, CORS,
    request ids.

    A body of more than `max_body` bytes is answered with 413, an unknown query parameter with 422.
    """
    # We serve the scripts of /docs ourselves, because its origin may hold a storefront's session.
    app = FastAPIOffline(
        static_url="/docs/assets",
        title=title,
        version=version,
        lifespan=lifespan,
        redoc_url=None,
        # The redirect would repeat the Host header, which anybody can send.
        redirect_slashes=False,
        dependencies=[Depends(refuse_unknown_parameters)],
        responses={
            "default": {
                "description": "A problem (RFC 9457)",
                "content": {problem.MEDIA_TYPE: {"schema": problem.DOCUMENT_SCHEMA}},
            }
        },
    )
    problem.install(app)
    _operational_routes(app, health)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-None-Match",
                "X-Request-Id",
            ],
            expose_headers=["ETag", "Retry-After", "X-Request-Id"],
            max_age=600,
        )
    app.add_middleware(Guard, max_body=max_body)
    return app


def _operational_routes(app: FastAPI, health: Health) -> None:
    @app.get("/health/live", include_in_schema=False)
    async def live() -> Response:
        return _health_answer(*health.live())

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        return _health_answer(*health.ready())

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        # Computed at each scrape, because a hanging component could not set it.
        for component, up in health.up().items():
            COMPONENT_UP.labels(component).set(up)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _health_answer(good: bool, components: dict[str, str]) -> Response:
    return JSONResponse(
        {"status": "up" if good else "down", "components": components}, status_code=200 if good else 503
    )
