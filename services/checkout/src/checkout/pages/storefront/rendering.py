"""Rendering: templates, headers, and what a person sees of an error."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jinja2
import structlog
from fastapi import Request
from starlette.responses import Response

from checkout.api.orders import locale_of
from checkout.pages.storefront import text
from checkout.pages.storefront.visitor import Visitor
from servicekit.problem import Problem

log = structlog.stdlib.get_logger(__name__)


class Pages:
    """Makes HTML responses. `payment_origins`: where our forms may lead besides ourselves."""

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
        # The browser holds redirects of a form against form-action too: the payment page must be named.
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
        """The page as a response; the visitor's language decides how amounts and dates look."""
        tag = locale_of(request)
        html = self._environment.get_template(template).render(
            visitor=visitor,
            here=_here(request),
            price=lambda amount, currency: text.price(amount, currency, tag),
            moment=lambda value: text.moment(value, tag),
            **context,
        )
        return Response(
            html,
            status_code=status,
            media_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": self._policy, "Vary": "Cookie, Accept-Language"},
        )

    def problem(self, request: Request, problem: Problem) -> Response:
        """The problem as a page, with its status and headers."""
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
    """The page's own path, to come back to after signing in; never the target of a form."""
    if request.method != "GET":
        return "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
