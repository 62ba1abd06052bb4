"""Renders pages from templates, with headers that control which sites may embed them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from stripe_sandbox.core import money

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src http: https: data:; base-uri 'none'; frame-ancestors {}"
)
_COMMON = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: A full page: no site may embed it, which prevents clickjacking.
ALONE = {**_COMMON, "Content-Security-Policy": _POLICY.format("'none'"), "X-Frame-Options": "DENY"}
#: A frame in the shop's page.
FRAMED = {**_COMMON, "Content-Security-Policy": _POLICY.format("*")}

_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((https?://[^\s()]{1,2000})\)")


class Renderer:
    """Renders templates to responses."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("stripe_sandbox", "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["money"] = money.show
        self._templates.filters["moment"] = _moment
        self._templates.filters["day"] = lambda seconds: _moment(seconds)[:10]
        self._templates.filters["links"] = links
        self._templates.filters["pretty"] = _pretty

    def fragment(self, template: str, **context: Any) -> str:
        """The rendered template."""
        return self._templates.get_template(template).render(**context)

    def page(self, template: str, status: int = 200, *, framed: bool = False, **context: Any) -> Response:
        """The template as a page; `framed`: the shop's page may embed it."""
        headers = FRAMED if framed else ALONE
        return HTMLResponse(self.fragment(template, **context), status, headers)

    def message(
        self, title: str, text: str, link: str | None = None, status: int = 200, *, framed: bool = False
    ) -> Response:
        """A page with a single message."""
        return self.page("message.html", status, framed=framed, title=title, text=text, link=link)


def redirect(url: str) -> Response:
    """Redirect to this address with GET."""
    return RedirectResponse(url, 303, _COMMON)


Piece = tuple[str, str | None]
"""A text, and the address or id that it links to."""


def links(text: str) -> list[Piece]:
    """A text of the shop in pieces: (words, address) for `[words](https://…)`, else (words, None)."""
    return pieces(text, _LINK, lambda match: (match[1], match[2]))


def pieces(text: str, pattern: re.Pattern[str], piece: Callable[[re.Match[str]], Piece]) -> list[Piece]:
    """A text in pieces: what `piece` makes of each match of the pattern, and (text, None) between them."""
    parts: list[Piece] = []
    at = 0
    for match in pattern.finditer(text):
        parts += [(text[at : match.start()], None), piece(match)]
        at = match.end()
    return [*parts, (text[at:], None)]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
