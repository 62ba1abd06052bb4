"""HTML responses of the storefront: templates, headers and error pages."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jinja2
import structlog
from fastapi import Request
from starlette.responses import Response

from checkout.api.orders import locale_of as language_tag
from checkout.pages.storefront import text
from checkout.pages.storefront.visitor import Visitor
from servicekit.amounts import amount_text
from servicekit.locales import locale_of
from servicekit.problem import Problem

log = structlog.stdlib.get_logger(__name__)


class Pages:
    """Renders HTML responses. `payment_origins`: the other origins that our forms may redirect to."""

    def __init__(self, payment_origins: Sequence[str], terms_version: str) -> None:
        folder = files("checkout.pages.storefront")
        self.style = (folder / "static" / "store.css").read_bytes()
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("checkout.pages.storefront"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "style_version": hashlib.sha256(self.style).hexdigest()[:12],
            "terms_version": terms_version,
            "states": text.STATES,
        }
        # Browsers apply form-action to the redirects of a form as well, so the payment page must be listed.
        self._policy = "; ".join(
            (
                "default-src 'none'",
                "style-src 'self'",
                "img-src 'self' data:",
                f"form-action 'self' {' '.join(payment_origins)}",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            )
        )

    def show(
        self, request: Request, template: str, visitor: Visitor | None, status: int = 200, **context: Any
    ) -> Response:
        """Return the page as a response, with amounts and dates in the visitor's locale."""
        locale = locale_of(language_tag(request))
        html = self._environment.get_template(template).render(
            visitor=visitor,
            here=_here(request),
            price=lambda amount, currency: amount_text(amount, currency, locale),
            moment=lambda value: text.date_and_time(value, locale),
            days=text.number_of_days,
            **context,
        )
        return Response(
            html,
            status_code=status,
            media_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": self._policy, "Vary": "Cookie, Accept-Language"},
        )

    def problem(self, request: Request, problem: Problem) -> Response:
        """Return the problem as a page, with its status and headers."""
        response = self.show(
            request,
            "error.html",
            None,
            problem.status_code,
            code=problem.status_code,
            title=problem.title,
            detail=problem.detail,
            request_id=getattr(request.state, "request_id", None),
            anonymous=True,
        )
        response.headers.update(dict(problem.headers or {}))
        return response


def _here(request: Request) -> str:
    """Return the path to come back to after signing in: the page's own, or / after a form."""
    if request.method != "GET":
        return "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
