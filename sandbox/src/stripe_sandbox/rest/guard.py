"""Protects the sandbox from hostile pages in a browser.

The sandbox listens on the developer's machine and accepts any test key. A hostile page in the same browser
could therefore control it, by posting a form or by resolving its own name to 127.0.0.1 (DNS rebinding). Two
rules prevent this before any handler runs:

- The Host header must be an address, localhost, a name without a dot (as used between containers), the host
  of --public-url, or one of --allow-host.
- Requests that change something must come from the sandbox's own pages or from no page at all. The exception
  is the API with a publishable key, which is meant for pages of a shop.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from stripe_sandbox.settings import Settings

_SINGLE = re.compile(r"[a-z0-9_-]+")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def host_of(netloc: str) -> str:
    """The name or address in a Host header, in lower case and without port; empty if it is malformed."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_local(host: str) -> bool:
    """Whether no foreign page can use this name: an address, localhost, or a name without a dot."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _SINGLE.fullmatch(host) is not None
    return True


def is_foreign(headers: Headers) -> bool:
    """Whether a page of another origin made this request. Programs send no such headers: not foreign."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


class Guard:
    """ASGI middleware that answers 403 to requests that break the rules above."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._names = {host_of(settings.host), *map(host_of, settings.allow_hosts)}
        if settings.public_url is not None:
            self._names.add(host_of(urlsplit(settings.public_url).netloc))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            refusal = self._refusal(scope, Headers(scope=scope))
            if refusal is not None:
                error = {"type": "invalid_request_error", "message": refusal}
                await JSONResponse({"error": error}, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> str | None:
        host = host_of(headers.get("host", ""))
        if host not in self._names and not is_local(host):
            return (
                f"The host name {host[:100]!r} is not allowed. If it is yours, start the sandbox with "
                "--allow-host and that name (STRIPE_SANDBOX_ALLOW_HOSTS)."
            )
        # The API itself distinguishes keys, and accepts only a publishable key without the Authorization
        # header.
        by_key = scope["path"].startswith("/v1/") and "authorization" not in headers
        if scope["method"] not in SAFE_METHODS and not by_key and is_foreign(headers):
            return (
                "A page of another origin sent this request. The sandbox's pages and controls accept such "
                "requests only from themselves or from programs; a shop's page may call the API with a "
                "publishable key."
            )
        return None
