"""uvicorn's HTTP/1.1 connection, with limits on what a peer may send, and on how long it may take.

httptools buffers addresses, headers and trailers without a limit, and uvicorn's timers start after the
first response. Without these limits any client could exhaust the memory, or hold a connection for ever with
one byte.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from servicekit.connections import ENDED, Connections
from servicekit.problem import MEDIA_TYPE, Problem, document

MAX_HEAD = 64 * 1024
"""Limit in bytes for request line and headers, or for trailers."""


class BoundedProtocol(HttpToolsProtocol):
    """Answers 431 to heads and trailers of more than `MAX_HEAD` bytes, 408 to a late body, and 503 if too
    many connections are open. Closes the connection if a head is late, or if the peer does not read."""

    head_seconds = 10.0
    """Limit in seconds from the connection, or the first byte after a response, until the headers are
    complete."""
    body_seconds = 15.0
    """Limit in seconds from the headers until the body is complete."""
    write_seconds = 30.0
    """Limit in seconds for a peer that does not take the answer."""
    open_connections = Connections(most=10_000, most_per_peer=10_000)
    """All connections of the server."""

    waiting_since: float | None = None
    answered = False
    _unused = 0  # bytes received since the parser last called the application
    _head_by: float | None = None
    _in_body = False
    _body_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        super().connection_made(transport)
        self.waiting_since = self.loop.time()
        if not self.open_connections.admit(self, self.client[0] if self.client else None):
            self._refuse(
                503,
                "too-many-connections",
                "Too many connections",
                "The server is busy. Try again in a few seconds.",
            )
            return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_connections.closed(self)
        self._cancel_body_timer()
        self._cancel_write_timer()
        super().connection_lost(exc)

    def give_way(self) -> None:
        """Close at once, for a connection that may have a request."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._unused += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unused > MAX_HEAD:
            self._refuse(
                431,
                "headers-too-large",
                "The headers are too large",
                f"Send an address and headers of at most {MAX_HEAD} bytes.",
            )
        elif self._in_body and self._body_timer is None:
            # Only for a body that did not come with its headers: a timer for each request would cost more.
            self._body_timer = self.loop.call_later(self.body_seconds, self._body_late)
        elif self.timeout_keep_alive_task is None and self._idle():
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._unused, self._head_by, self._in_body = 0, None, True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unused = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unused, self._in_body = 0, False
        self._cancel_body_timer()
        self.waiting_since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self.pipeline:
            self.waiting_since, self.answered = self.loop.time(), True
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.write_seconds, self._unread)

    def resume_writing(self) -> None:
        self._cancel_write_timer()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        if self._head_by is not None and not self.transport.is_closing():
            ENDED.labels("head_late").inc()
        super().timeout_keep_alive_handler()

    def _body_late(self) -> None:
        self._body_timer = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            # The application is late, not the peer.
            self._body_timer = self.loop.call_later(self.body_seconds, self._body_late)
            return
        ENDED.labels("body_late").inc()
        self._refuse(
            408,
            "body-late",
            "The body is late",
            f"Send the whole body within {self.body_seconds:g} s.",
        )

    def _unread(self) -> None:
        ENDED.labels("unread").inc()
        self.transport.abort()

    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        # One deadline, not a limit between bytes: otherwise a slow trickle of bytes would hold the
        # connection.
        now = self.loop.time()
        if self._head_by is None:
            self._head_by = now + self.head_seconds
        self.timeout_keep_alive_task = self.loop.call_at(self._head_by, self.timeout_keep_alive_handler)

    def _refuse(self, status: int, slug: str, title: str, detail: str) -> None:
        """Answer with a problem, unless a response may be partly written already, and close."""
        if self._idle() or not self.cycle.response_started:
            body = document(Problem(status, slug, title, detail))
            self.transport.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (status, HTTPStatus(status).phrase.encode(), MEDIA_TYPE.encode(), len(body), body)
            )
        self.transport.close()

    def _cancel_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _cancel_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
