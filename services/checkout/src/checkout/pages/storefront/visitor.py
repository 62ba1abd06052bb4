"""The signed-in visitor of a page, and the check that a form was sent from one of our pages.

Signing in: `/sign-in` sends the visitor to SIGN_IN_URL with the parameters `return_to` (a path of ours) and
`session_url`. That page authenticates the visitor and posts a form with `token` and `return_to`
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
"""In bytes. Browsers accept 4096 per cookie, with its name and attributes."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in visitor. Each form that they send must contain `csrf`."""

    principal: Principal
    csrf: str


class Sessions:
    """Sets, reads and deletes the session cookie."""

    def __init__(self, app_url: str, sign_in_url: str, return_origins: Collection[str]) -> None:
        self._secure = app_url.startswith("https://")
        # The prefix makes browsers refuse the cookie from any other host or without TLS.
        self.cookie = "__Host-masterji" if self._secure else "masterji"
        self._own = app_url.lower()
        sign_in = urlsplit(sign_in_url)
        self._trusted = {self._own, f"{sign_in.scheme}://{sign_in.netloc}".lower(), *return_origins}

    async def visitor(self, request: Request) -> Visitor | None:
        """Return the signed-in visitor; None for an expired or invalid cookie.

        Raises Problem 503 while the issuer's keys are unavailable.
        """
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
        """Set the cookie until the browser is closed. The session ends earlier if the token expires."""
        response.set_cookie(self.cookie, token, httponly=True, samesite="lax", secure=self._secure, path="/")

    def sign_out(self, response: Response) -> None:
        """Delete the cookie."""
        response.delete_cookie(self.cookie, httponly=True, samesite="lax", secure=self._secure, path="/")

    def may_sign_in_from(self, request: Request) -> bool:
        """Return whether a token from this origin is accepted. Other sites must not sign visitors in.

        A page that hides its origin (`Referrer-Policy: no-referrer`) is accepted only if it is our own.
        """
        hidden = request.headers.get("origin") == "null"
        own = request.headers.get("sec-fetch-site") == "same-origin"
        return _origin_is(request, self._trusted) or (hidden and own)

    def is_own_form(self, request: Request, visitor: Visitor, given: str | None) -> bool:
        """Return whether the form was sent from one of our pages, shown to this visitor."""
        same = hmac.compare_digest((given or "").encode(), visitor.csrf.encode())
        return same and _origin_is(request, {self._own})


def csrf_token(token: str) -> str:
    """Return the value that the visitor's forms contain. It is derived from the cookie, so none is stored."""
    return hmac.new(token.encode(), b"masterji storefront form", hashlib.sha256).hexdigest()


def safe_path(text: str | None) -> str:
    """Return the text if it is a path on this site, and the front page otherwise."""
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
    # Browsers send Origin with every POST. A request without it comes from a program, which sends no cookies
    # on someone else's behalf.
    origin = request.headers.get("origin")
    return origin is None or origin.lower() in allowed
