"""Keeps hostile pages in the developer's browser away from the servers of the development stack.

They listen on loopback and ask nobody who he is. By the rules of the sandbox's guard a page can neither reach
them under a name of its own (DNS rebinding) nor have the browser change something in them.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from stripe_sandbox.rest.guard import SAFE_METHODS, host_of, is_foreign, is_local


class Guard:
    """ASGI middleware that answers 403 to what breaks the rules."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = host_of(headers.get("host", ""))
            if not is_local(host):
                words = (
                    f"This server does not go by the name {host[:100]!r}: call it by 127.0.0.1 or localhost."
                )
                await PlainTextResponse(words, 403)(scope, receive, send)
                return
            if scope["method"] not in SAFE_METHODS and is_foreign(headers):
                words = "A page of another origin sent this. Do it on this server's own page."
                await PlainTextResponse(words, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)
