"""A notice on the next page: after a redirect, "You have signed out."

The cookie holds the name of a notice, never its text, so a forged cookie can show nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

_COOKIE = "flash"
_SECONDS = 60


class Flash:
    """The notices that pages may show: name and (marked) text."""

    def __init__(self, notices: Mapping[str, str]) -> None:
        self._notices = notices

    def leave(self, response: Response, name: str) -> None:
        """Show a notice on the visitor's next page. Raises KeyError if there is no such notice."""
        self._notices[name]
        response.set_cookie(_COOKIE, name, max_age=_SECONDS, httponly=True, samesite="lax", path="/")

    def pending(self, request: Request) -> str | None:
        """Return the untranslated notice for this visitor."""
        return self._notices.get(request.cookies.get(_COOKIE, ""))

    def shown(self, response: Response) -> None:
        """Forget the notice."""
        response.delete_cookie(_COOKIE, httponly=True, samesite="lax", path="/")
