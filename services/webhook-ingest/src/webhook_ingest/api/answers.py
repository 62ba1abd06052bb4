"""What the endpoint answers, as plain ASGI messages."""

from __future__ import annotations

from typing import Any

from starlette.types import Send

from servicekit.problem import MEDIA_TYPE, Problem, document
from webhook_ingest.errors import Rejected

# Stripe reads the status only, and a body would cost a second system call.
_ACCEPTED_START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
_ACCEPTED_BODY = {"type": "http.response.body", "body": b""}
_TITLES = {
    400: "This is not accepted as a webhook of Stripe",
    405: "Method not allowed",
    408: "The body came too slowly",
    413: "The body is too large",
    415: "Not a JSON body",
}


async def accept(send: Send) -> None:
    """200: Kafka has the event."""
    await send(_ACCEPTED_START)
    await send(_ACCEPTED_BODY)


def rejection(error: Rejected) -> Problem:
    """The 4xx for a request that is at fault."""
    status = error.reason.status
    headers = {"Allow": "POST"} if status == 405 else {}
    return Problem(status, error.reason.slug, _TITLES[status], error.detail, headers=headers)


def unavailability() -> Problem:
    """The 503 that asks Stripe to come again."""
    return Problem(
        503,
        "not-published",
        "The event could not be stored",
        "Nothing was accepted. Send the event again in a few seconds.",
        headers={"Retry-After": "5"},
    )


async def refuse(send: Send, problem: Problem) -> None:
    """Sends a problem and ends the connection."""
    body = document(problem)
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *((name.lower().encode(), value.encode()) for name, value in (problem.headers or {}).items()),
    ]
    # The rest of a refused body may be without end: do not go on reading it.
    headers.append((b"connection", b"close"))
    start: dict[str, Any] = {"type": "http.response.start", "status": problem.status_code, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
