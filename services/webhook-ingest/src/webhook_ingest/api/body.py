"""Reads a request's body within a size, a time and a share of memory, and no byte further than needed."""

from __future__ import annotations

from starlette.types import Receive, Scope

from webhook_ingest.api.deadline import Deadline
from webhook_ingest.errors import Disconnected, Reason, Rejected, Unavailable

MAX_BODY = 900 * 1024
"""Bytes. Stripe's events are far smaller; the topics take 2 MiB."""

READ_SECONDS = 5.0
"""For the whole body. A slower sender holds a connection and its memory for nothing."""


MAX_BUFFERED = 64 * 1024 * 1024
"""Bytes of all bodies in one process, until Kafka has them. A slow sender holds only what it has sent, so any
number of them leaves room for others."""


class Buffered:
    """The bytes of the bodies that are being read or published."""

    def __init__(self, most: int = MAX_BUFFERED) -> None:
        self.size = 0
        self._most = most

    def add(self, size: int) -> None:
        """Count bytes that have come. Raises Unavailable if there are too many."""
        self.size += size
        if self.size > self._most:
            raise Unavailable("too-many-bytes")


class Share:
    """The part of one request in what is buffered, until `end`."""

    __slots__ = ("_buffered", "_size")

    def __init__(self, buffered: Buffered) -> None:
        self._buffered = buffered
        self._size = 0

    def end(self) -> None:
        """The bytes of this request are held no more."""
        self._buffered.size -= self._size

    def add(self, size: int) -> None:
        """Count bytes of this request that have come. Raises Unavailable."""
        self._size += size
        self._buffered.add(size)


async def read_body(
    scope: Scope, receive: Receive, deadline: Deadline, share: Share, limit: int = MAX_BODY
) -> bytes:
    """The whole body. Raises Rejected (413, 408), Unavailable and Disconnected.

    A declared length over the limit is refused before anything is read; a lying or absent one is
    found out as soon as more than `limit` bytes have come.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or len(value) > 9 or int(value) > limit):
            raise _too_large(limit)
    try:
        return await deadline.keep(_read(receive, share, limit))
    except TimeoutError:
        raise Rejected(
            Reason.TOO_SLOW, f"The body did not arrive within {deadline.seconds:g} s. Send it again, faster."
        ) from None


async def _read(receive: Receive, share: Share, limit: int) -> bytes:
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
        share.add(len(chunk))
        if not message.get("more_body", False):
            return b"".join([*chunks, chunk]) if chunks else chunk
        chunks.append(chunk)


def _too_large(limit: int) -> Rejected:
    return Rejected(Reason.TOO_LARGE, f"The body is larger than {limit} bytes. Stripe's events are not.")
