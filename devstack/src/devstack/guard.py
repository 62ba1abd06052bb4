"""Protects the development servers from hostile pages in the developer's browser.

The servers listen on loopback and have no authentication. The rules of the sandbox's guard prevent that a
page reaches them under its own host name (DNS rebinding) or makes the browser send them a changing request.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from stripe_sandbox.rest.guard import SAFE_METHODS, host_of, is_foreign, is_local


class Guard:
    """ASGI middleware that answers 403 to requests that break the rules."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or refuse it."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = host_of(headers.get("host", ""))
            if not is_local(host):
                text = f"This server does not answer to {host[:100]!r}. Use 127.0.0.1 or localhost."
                await PlainTextResponse(text, 403)(scope, receive, send)
                return
            if scope["method"] not in SAFE_METHODS and is_foreign(headers):
                text = "This request came from a page of another origin. Use this server's own page."
                await PlainTextResponse(text, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)
