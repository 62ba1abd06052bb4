"""Errors on pages become pages; under /v1 they stay problem documents."""

from collections.abc import Awaitable, Callable

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from checkout.api.problems import database_away, problem_of
from checkout.errors import CheckoutError
from checkout.pages.storefront.rendering import Pages
from checkout.pages.storefront.routes import SignInFirst, to_sign_in
from processkit.errors import sentence_of
from servicekit.problem import Problem, database_errors, default_problem

log = structlog.stdlib.get_logger(__name__)

_MACHINES = ("/v1/", "/health/", "/metrics", "/docs", "/openapi.json")
_Handler = Callable[[Request, Exception], Awaitable[Response] | Response]


def install(app: FastAPI, pages: Pages) -> None:
    """Wrap the handlers that are installed: call last."""

    async def sign_in(_: Request, error: Exception) -> Response:
        assert isinstance(error, SignInFirst)
        return to_sign_in(error.back)

    app.add_exception_handler(SignInFirst, sign_in)
    for kind in (
        CheckoutError,
        HTTPException,
        RequestValidationError,
        *database_errors(),
        Exception,
    ):
        before = app.exception_handlers[kind]
        app.add_exception_handler(kind, _with_page(pages, before))


def _with_page(pages: Pages, before: _Handler) -> _Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(_MACHINES) or "text/html" not in request.headers.get("accept", ""):
            answer = before(request, error)
            return answer if isinstance(answer, Response) else await answer
        return pages.problem(request, _problem(error))

    return handle


def _problem(error: Exception) -> Problem:
    match error:
        case CheckoutError():
            return problem_of(error)
        case Problem():
            return error
        case RequestValidationError():
            return default_problem(404)
        case HTTPException():
            return default_problem(error.status_code, error.headers)
        case _ if isinstance(error, database_errors()):
            log.error("database unavailable", error=sentence_of(error)[:300])
            return database_away()
        case _:
            return default_problem(500)
