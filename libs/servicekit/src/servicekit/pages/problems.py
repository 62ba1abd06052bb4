"""Errors as pages for people; programs still get problem documents.

A page is made from the problem document that the application's own handler returns, so the meaning of an
error is declared once. Its `type` selects the text for people.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from servicekit.pages.rendering import Pages
from servicekit.problem import MEDIA_TYPE, TYPE_BASE
from servicekit.texts.catalogs import marked

Sentences = Mapping[str, tuple[str, str]]
"""The last part of a problem's type -> title and detail, marked. Details may name members of the document."""

_PROGRAMS = ("/v1/", "/health/", "/metrics", "/docs", "/openapi.json")
_Handler = Callable[[Any, Exception], Response | Awaitable[Response]]

_BY_STATUS = {
    400: (
        marked("We could not read this address"),
        marked("It may be incomplete. Go back and follow the link again."),
    ),
    401: (
        marked("Please sign in"),
        marked("You are not signed in, or your session has ended. Sign in again."),
    ),
    403: (marked("You cannot open this page"), marked("Your account has no access to it.")),
    404: (
        marked("This page does not exist"),
        marked("The link may be outdated or mistyped. Check the address."),
    ),
    413: (marked("That was too much at once"), marked("Send less text, or a smaller file.")),
}
_OTHER = (marked("We could not do that"), marked("Go back, check what you entered, and try again."))
_OURS = (
    marked("Something went wrong"),
    marked("The fault is ours, and it has been logged. Please try again in a few minutes."),
)
_BUSY = (
    marked("We will be right back"),
    marked("This page is unavailable at the moment. Please try again in a few seconds."),
)


def install(app: Starlette, pages: Pages, sentences: Sentences) -> None:
    """Wrap the exception handlers of `app`; call it after all others are added."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _with_page(pages, sentences, handler))


def _with_page(pages: Pages, sentences: Sentences, handler: _Handler) -> _Handler:
    async def handle(request: Any, error: Exception) -> Response:
        answer = handler(request, error)
        response = await answer if inspect.isawaitable(answer) else answer
        if not isinstance(request, Request) or not _is_for_people(request) or not _is_problem(response):
            return response
        document = json.loads(bytes(response.body))
        title, detail = _sentences(sentences, document)
        page = pages.problem(
            request,
            response.status_code,
            title=pages.gettext(request, title) % document,
            detail=pages.gettext(request, detail) % document,
            request_id=document.get("request_id"),
        )
        for name in ("retry-after", "www-authenticate", "allow"):
            if name in response.headers:
                page.headers[name] = response.headers[name]
        return page

    return handle


def _is_for_people(request: Request) -> bool:
    html = "text/html" in request.headers.get("accept", "")
    return html and not request.url.path.startswith(_PROGRAMS)


def _is_problem(response: Response) -> bool:
    return response.headers.get("content-type", "").startswith(MEDIA_TYPE)


def _sentences(sentences: Sentences, document: Mapping[str, Any]) -> tuple[str, str]:
    slug = str(document["type"]).removeprefix(TYPE_BASE)
    if slug in sentences:
        return sentences[slug]
    status = int(document["status"])
    if status in (502, 503, 504):
        return _BUSY
    return _OURS if status >= 500 else _BY_STATUS.get(status, _OTHER)
