"""Shared parts of the controls: JSON bodies, routes under `/_sandbox` and error answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox.control.running import Server
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest, StripeError

T = TypeVar("T", bound=msgspec.Struct)
Handler = Callable[[Request], Awaitable[Any]]


async def body_of(request: Request, kind: type[T]) -> T:
    """The request's JSON as this type; an empty body is an empty object. Raises InvalidRequest."""
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"Invalid body: {error}") from error


class ControlGroup:
    """Controls of one server. A handler returns what is sent as JSON, or a response."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sandbox = server.sandbox

    def table(self, *handlers: tuple[str, str, Handler]) -> list[Route]:
        """The routes of these (method, path below `/_sandbox`, handler)."""
        return [
            Route(f"/_sandbox{path}", self._guard(handler), methods=[method])
            for method, path, handler in handlers
        ]

    def _guard(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                result = await handler(request)
            except StripeError as error:
                return JSONResponse(error.body("req_control"), error.status)
            finally:
                self._sandbox.on_commit()
            return result if isinstance(result, Response) else JSONResponse(result)

        return guarded

    def find(self, kind: str, request: Request) -> Object:
        """The object of the path; raises ResourceMissing."""
        return self._sandbox.require(kind, request.path_params["id"], status=404)

    def change(self, kind: str, request: Request, act: Callable[[Object], Object]) -> Object:
        """Run `act` on the object of the path in a transaction; returns what the API shows of its result."""
        found = self.find(kind, request)
        with self._sandbox.store.transaction():
            return public(act(found))
