"""uvicorn's HTTP/1.1 connection, with limits on what it accepts before the application is called.

httptools buffers addresses, headers and trailers without a limit, and uvicorn's timers start after the
first response. Without these limits any client could exhaust the memory, or hold a connection for ever with
one byte.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from servicekit.problem import MEDIA_TYPE, Problem, document

MAX_HEAD = 64 * 1024
"""Limit in bytes for request line and headers, or for trailers."""


class BoundedProtocol(HttpToolsProtocol):
    """Answers 431 to heads and trailers of more than `MAX_HEAD` bytes, and closes the connection if a head
    is late."""

    head_seconds = 10.0
    """Limit in seconds from the connection, or the first byte after a response, until the headers are
    complete."""

    _unused = 0  # bytes received since the parser last called the application
    _head_by: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        self._unused += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unused > MAX_HEAD:
            self._refuse()
        elif self.timeout_keep_alive_task is None and self._idle():
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._unused, self._head_by = 0, None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unused = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unused = 0
        super().on_message_complete()

    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        # One deadline, not a limit between bytes: otherwise a slow trickle of bytes would hold the
        # connection.
        now = self.loop.time()
        if self._head_by is None:
            self._head_by = now + self.head_seconds
        self.timeout_keep_alive_task = self.loop.call_at(self._head_by, self.timeout_keep_alive_handler)

    def _refuse(self) -> None:
        if self._idle():  # otherwise a response may be partly written already
            body = document(
                Problem(
                    431,
                    "headers-too-large",
                    "The headers are too large",
                    f"Send an address and headers of at most {MAX_HEAD} bytes.",
                )
            )
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: %b\r\ncontent-length: %d\r\n"
                b"connection: close\r\n\r\n%b" % (MEDIA_TYPE.encode(), len(body), body)
            )
        self.transport.close()
