"""Who looks at a page, and whether a form really came from one of our pages.

Signing in: `/sign-in` sends the visitor to SIGN_IN_URL with the parameters `return_to` (a path of ours) and
`session_url`. That page signs the visitor in however it likes and posts a form with `token` and `return_to`
to `session_url` (`POST /session`), where the bearer token becomes a cookie that scripts cannot read.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from servicekit.auth import Authenticator, Principal
from servicekit.problem import Problem

MAX_COOKIE = 3800
"""Browsers keep 4096 bytes a cookie, its name and attributes included."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in visitor; every form of theirs must carry `csrf`."""

    principal: Principal
    csrf: str


class Sessions:
    """The cookie: its name, its making, its reading."""

    def __init__(self, app_url: str, sign_in_url: str, return_origins: Collection[str]) -> None:
        self._secure = app_url.startswith("https://")
        # The prefix makes browsers refuse the cookie from any other host or without TLS.
        self.cookie = "__Host-masterji" if self._secure else "masterji"
        self._own = app_url.lower()
        sign_in = urlsplit(sign_in_url)
        self._trusted = {self._own, f"{sign_in.scheme}://{sign_in.netloc}".lower(), *return_origins}

    async def visitor(self, request: Request) -> Visitor | None:
        """The signed-in visitor, if any. An expired or invalid cookie counts as signed out; 503 is raised."""
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        authenticator: Authenticator = request.app.state.authenticator
        try:
            principal = await authenticator.verify(token)
        except Problem as problem:
            if problem.status_code == 401:
                return None
            raise
        return Visitor(principal, csrf_token(token))

    def sign_in(self, response: Response, token: str) -> None:
        """Give the token to the browser for as long as it runs; the token's own end comes first if sooner."""
        response.set_cookie(self.cookie, token, httponly=True, samesite="lax", secure=self._secure, path="/")

    def sign_out(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.cookie, httponly=True, samesite="lax", secure=self._secure, path="/")

    def may_sign_in_from(self, request: Request) -> bool:
        """Whether a token posted from there is accepted: no other site may sign a visitor in.

        A page that hides its origin (`Referrer-Policy: no-referrer`) is accepted only if it is our own.
        """
        hidden = request.headers.get("origin") == "null"
        own = request.headers.get("sec-fetch-site") == "same-origin"
        return _origin_is(request, self._trusted) or (hidden and own)

    def is_own_form(self, request: Request, visitor: Visitor, given: str | None) -> bool:
        """Whether a form was sent by a page of ours that this visitor was shown."""
        same = hmac.compare_digest((given or "").encode(), visitor.csrf.encode())
        return same and _origin_is(request, {self._own})


def csrf_token(token: str) -> str:
    """A value that only who knows the cookie can know; no server needs to remember it."""
    return hmac.new(token.encode(), b"masterji storefront form", hashlib.sha256).hexdigest()


def safe_path(text: str | None) -> str:
    """A path of ours to go on to; the front page for anything else."""
    fits = (
        text is not None
        and len(text) <= 500
        and text.startswith("/")
        and not text.startswith("//")
        and text.isascii()
        and text.isprintable()
        and "\\" not in text
        and " " not in text
    )
    return text if fits and text is not None else "/"


def _origin_is(request: Request, allowed: Collection[str]) -> bool:
    # Every browser of today sends Origin with a POST; a caller without one is no browser, and carries no
    # cookie that it was not given.
    origin = request.headers.get("origin")
    return origin is None or origin.lower() in allowed
