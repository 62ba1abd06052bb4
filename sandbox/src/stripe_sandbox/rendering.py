"""Pages from templates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from stripe_sandbox import money

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "img-src https: data:; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


class Renderer:
    """Turns templates into answers."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("stripe_sandbox"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["money"] = money.show
        self._templates.filters["moment"] = _moment
        self._templates.filters["day"] = lambda seconds: _moment(seconds)[:10]

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """The template with this context."""
        text = self._templates.get_template(template).render(**context)
        return HTMLResponse(text, status, HEADERS)

    def message(self, title: str, text: str, link: str | None = None, status: int = 200) -> Response:
        """A page that says one thing."""
        return self.page("message.html", status, title=title, text=text, link=link)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
