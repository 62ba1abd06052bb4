"""A shop on a separate origin: pages written for Stripe.js, and a server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PAGES = Path(__file__).parents[1] / "shop"
STRIPE = "https://js.stripe.com"
_KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Shop:
    """Serves the pages of tests/shop with Stripe's host replaced, under a strict Content-Security-Policy.

    `answers` are the handlers of the shop's API by path; `pages` take precedence over files. With
    `stripe=STRIPE` the pages are served unchanged.
    """

    def __init__(self, stripe: str) -> None:
        self.stripe = stripe
        self.answers: dict[str, Callable[[], dict[str, Any]]] = {}
        self.pages: dict[str, str] = {}
        #: Violations of the policy that the browser has reported: they mean that a page does not work.
        self.policy = (
            f"default-src 'none'; script-src 'self' {stripe}; frame-src {stripe}; "
            f"connect-src 'self' {stripe}; style-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'"
        )
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                text = shop.text(path)
                self._send(
                    200 if text is not None else 404, text or "", _KINDS.get(Path(path).suffix, "text/html")
                )

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                answer = shop.answers[urlsplit(self.path).path]()
                self._send(200, json.dumps(answer), "application/json")

            def _send(self, status: int, text: str, kind: str) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.send_header("content-security-policy", shop.policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def text(self, path: str) -> str | None:
        """A page of the shop; its only change is where the script comes from."""
        if path in self.pages:
            return self.pages[path].replace(STRIPE, self.stripe)
        file = PAGES / path.lstrip("/")
        return file.read_text().replace(STRIPE, self.stripe) if file.is_file() else None

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
