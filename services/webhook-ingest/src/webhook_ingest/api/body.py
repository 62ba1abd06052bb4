"""Reads a request's body within a size and a time, and no byte further than needed."""

from __future__ import annotations

from starlette.types import Receive, Scope

from webhook_ingest.api.deadline import Deadline
from webhook_ingest.errors import Disconnected, Reason, Rejected

MAX_BODY = 900 * 1024
"""Bytes. Stripe's events are far smaller; the topics take 2 MiB."""

READ_SECONDS = 5.0
"""For the whole body. A slower sender holds a connection and its memory for nothing."""


async def read_body(scope: Scope, receive: Receive, deadline: Deadline, limit: int = MAX_BODY) -> bytes:
    """The whole body. Raises Rejected (413, 408) and Disconnected.

    A declared length over the limit is refused before anything is read; a lying or absent one is
    found out as soon as more than `limit` bytes have come.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or len(value) > 9 or int(value) > limit):
            raise _too_large(limit)
    try:
        return await deadline.keep(_read(receive, limit))
    except TimeoutError:
        raise Rejected(
            Reason.TOO_SLOW, f"The body did not arrive within {deadline.seconds:g} s. Send it again, faster."
        ) from None


async def _read(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


def _too_large(limit: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, f"The body is larger than {limit} bytes. Stripe's events are not.")
