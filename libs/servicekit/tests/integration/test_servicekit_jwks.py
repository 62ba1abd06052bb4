"""Fetching the issuer's keys over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from servicekit.jwks import fetch_jwks

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def issuer(answer: Answer) -> Iterator[str]:
    """Return the address of an issuer that answers like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Write no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_the_document_is_fetched() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("content-length", "12")
        request.end_headers()
        request.wfile.write(b'{"keys": []}')

    with issuer(answer) as url:
        assert fetch_jwks(url) == {"keys": []}


def test_a_fetch_from_a_trickling_issuer_is_abandoned() -> None:
    given_up = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("content-length", "200")
        request.end_headers()
        for _ in range(200):  # 20 s, and no pause in which a read would time out
            request.wfile.write(b" ")
            if given_up.wait(0.1):
                return

    with issuer(answer) as url:
        with pytest.raises(TimeoutError):
            fetch_jwks(url, seconds=0.5)
        given_up.set()
