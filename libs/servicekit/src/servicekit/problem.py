"""RFC 9457 problem details: every HTTP error states what happened and what to do next.

The `type` of a problem is stable, so clients may branch on it; title and detail are for people.
"""

from __future__ import annotations

import http
import json
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from processkit.errors import engine_errors, sentence_of

_LOG = structlog.get_logger(__name__)

TYPE_BASE = "https://masterji.dev/problems/"
MEDIA_TYPE = "application/problem+json"

DOCUMENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "stable; branch on this"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened and what to do next"},
        "request_id": {"type": "string", "description": "include it when you contact support"},
    },
}

_KNOWN = {
    400: ("bad-request", "The request cannot be understood", "Correct the request and send it again."),
    404: ("not-found", "Not found", "Nothing exists at this address. Check the path."),
    405: (
        "method-not-allowed",
        "Method not allowed",
        "This address supports other methods; see the Allow header.",
    ),
    413: (
        "body-too-large",
        "The body is too large",
        "The body is larger than this address accepts. Send a smaller one.",
    ),
    500: (
        "internal",
        "Something went wrong on our side",
        "The error was logged. Try again; if it persists, contact support with the request id.",
    ),
}


class Problem(HTTPException):
    """An error for the caller, as application/problem+json.

    `slug` is the last part of its `type`; `extensions` are further members of the document and must be
    JSON. It is an HTTPException, so the framework passes it through unchanged.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(status, detail, headers)
        self.slug = slug
        self.title = title
        self.extensions = extensions


def default_problem(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the problem for an HTTP status without further information."""
    if status in _KNOWN:
        slug, title, detail = _KNOWN[status]
    else:
        title = http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else "Error"
        slug, detail = title.lower().replace(" ", "-").replace("'", ""), f"{title}."
    return Problem(status, slug, title, detail, headers=headers)


def document(problem: Problem, request_id: str | None = None) -> bytes:
    """Return the JSON document in ASCII, so that a lone surrogate in echoed input cannot break the
    response."""
    body = {
        "type": TYPE_BASE + problem.slug,
        "title": problem.title,
        "status": problem.status_code,
        "detail": problem.detail,
        **problem.extensions,
    }
    if request_id:
        body["request_id"] = request_id
    return json.dumps(body).encode("ascii")


def response(problem: Problem, request_id: str | None = None) -> Response:
    """Return the problem as a response, without a body where HTTP forbids one."""
    if problem.status_code < 200 or problem.status_code in (204, 304):
        return Response(status_code=problem.status_code, headers=dict(problem.headers or {}))
    return Response(
        document(problem, request_id),
        status_code=problem.status_code,
        headers=dict(problem.headers or {}),
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Turn every error of `app` into a problem: raised problems, validation errors, 404, 405, 503 while the
    database is unavailable, and 500 for unexpected errors."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    unavailable: tuple[type[Exception], ...] = (psycopg.OperationalError, *engine_errors())
    for kind in unavailable:
        app.add_exception_handler(kind, _database_unavailable)
    app.add_exception_handler(Exception, _internal_error)


def _request_id(request: Request) -> str | None:
    return getattr(request.state, "request_id", None)


async def _http_error(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return response(error, _request_id(request))
    if not isinstance(error, HTTPException):
        return response(default_problem(500), _request_id(request))
    problem = default_problem(error.status_code, error.headers)
    phrase = http.HTTPStatus(error.status_code).phrase if error.status_code in set(http.HTTPStatus) else ""
    # A detail that was written for the error says more than the phrase of the status.
    if isinstance(error.detail, str) and error.detail not in ("", phrase):
        problem.detail = error.detail
    return response(problem, _request_id(request))


async def _validation_error(request: Request, error: Exception) -> Response:
    # Only location, message and type: the rejected input may be a secret, and may not be JSON.
    errors = [
        {
            "field": ".".join(str(part) for part in item["loc"]),
            "message": str(item["msg"]),
            "type": str(item["type"]),
        }
        for item in (error.errors() if isinstance(error, RequestValidationError) else [])
    ]
    problem = Problem(
        422,
        "validation",
        "Request validation failed",
        "Correct the fields named in `errors` and send the request again.",
        errors=errors[:50],
    )
    return response(problem, _request_id(request))


async def _database_unavailable(request: Request, error: Exception) -> Response:
    _LOG.error("database unavailable", path=request.url.path, error=sentence_of(error)[:300])
    problem = Problem(
        503,
        "database-unavailable",
        "Temporarily unavailable",
        "The database is unavailable. Try again in a few seconds.",
        headers={"Retry-After": "5"},
    )
    return response(problem, _request_id(request))


async def _internal_error(request: Request, _: Exception) -> Response:
    return response(default_problem(500), _request_id(request))
