"""Middleware around every request: request id, size limit, security headers, one log line, duration.

Plain ASGI in one layer instead of five, because each layer of the framework's own middleware costs a task.
"""

from __future__ import annotations

import inspect
import re
import time
import uuid
from collections.abc import Callable
from typing import cast

import structlog
from prometheus_client import Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.problem import Problem, response
from servicekit.security_headers import SECURITY_HEADERS

REQUESTS = Histogram(
    "http_request_seconds", "Seconds to answer an HTTP request", ["method", "route", "status"]
)

_LOG = structlog.get_logger(__name__)
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_PAGE_POLICY = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def new_request_id() -> str:
    """Return 32 hexadecimal digits."""
    return uuid.uuid4().hex


def too_large(limit: int) -> Problem:
    """Return the problem for a body of more than `limit` bytes."""
    return Problem(
        413, "body-too-large", "The body is too large", f"Send at most {limit} bytes.", max_bytes=limit
    )


class Guard:
    """ASGI middleware; see the module. A handler's own headers override the defaults."""

    def __init__(self, app: ASGIApp, max_body: int, new_id: Callable[[], str] = new_request_id) -> None:
        self._app = app
        self._max_body = max_body
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.match(given) else self._new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if _declared(headers) > self._max_body:
                    await response(too_large(self._max_body), request_id)(scope, receive, guarded_send)
                else:
                    await self._app(scope, self._limited(receive), guarded_send)
            except Exception as error:
                # Handled here instead of by the framework, so that the response has the request id and
                # headers.
                _LOG.exception("request failed", method=scope["method"], path=scope["path"])
                if status:
                    raise
                await (await _failure(scope, error))(scope, receive, guarded_send)
            finally:
                _observe(scope, status, time.perf_counter() - started)

    def _limited(self, receive: Receive) -> Receive:
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                if size > self._max_body:
                    raise too_large(self._max_body)
            return message

        return limited


async def _failure(scope: Scope, error: Exception) -> Response:
    """Return the answer of the application's own handler of unexpected errors."""
    request = Request(scope)
    answer = request.app.exception_handlers[Exception](request, error)
    return cast(Response, await answer if inspect.isawaitable(answer) else answer)


def _declared(headers: dict[bytes, bytes]) -> int:
    declared = headers.get(b"content-length", b"0")
    return int(declared) if declared.isdigit() and len(declared) < 20 else 0


def _complete(headers: MutableHeaders, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", _PAGE_POLICY if page else _DATA_POLICY)


def _observe(scope: Scope, status: int, seconds: float) -> None:
    # The route's template, never the path: ids in a label would create an unlimited number of series.
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    REQUESTS.labels(method, route, str(status or 500)).observe(seconds)
    _LOG.debug("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))
