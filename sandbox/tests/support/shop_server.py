"""A shop on a separate origin: pages written for Stripe.js, and a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_server import Handler, LocalServer
from sandbox_server import Running

PAGES = Path(__file__).parents[1] / "shop"
STRIPE = "https://js.stripe.com"
_LAYOUT = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Pottery shop: {name}</title>
  <script src="https://js.stripe.com/endive/stripe.js"></script>
  <script src="{name}.js" defer></script>
</head>
<body>
{body}</body>
</html>
"""
_KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Shop:
    """Serves the pages of tests/shop, each with its script and Stripe's, under a strict
    Content-Security-Policy. Stripe's host is replaced.

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

        class Answers(Handler):
            def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
                path = urlsplit(self.path).path
                text = shop.text(path)
                self._send(
                    200 if text is not None else 404, text or "", _KINDS.get(Path(path).suffix, "text/html")
                )

            def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
                self.rfile.read(int(self.headers.get("content-length") or 0))
                answer = shop.answers[urlsplit(self.path).path]()
                self._send(200, json.dumps(answer), "application/json")

            def _send(self, status: int, text: str, kind: str) -> None:
                self.answer(status, text.encode(), content_type=kind, content_security_policy=shop.policy)

        self._server = LocalServer(Answers)
        self.url = self._server.url

    def text(self, path: str) -> str | None:
        """A page or script of the shop; its only change is where Stripe's script comes from."""
        file = PAGES / path.lstrip("/")
        if path in self.pages:
            text = self.pages[path]
        elif not file.is_file():
            return None
        elif file.suffix == ".html":
            text = _LAYOUT.format(name=file.stem, body=file.read_text())
        else:
            text = file.read_text()
        return text.replace(STRIPE, self.stripe)

    def sells(self, sandbox: Running, ui_mode: str, **changes: Any) -> list[Any]:
        """Make the shop's server create such sessions; the list grows with each."""
        made: list[Any] = []

        def create() -> dict[str, Any]:
            params = {
                "ui_mode": ui_mode,
                "return_url": f"{self.url}/complete.html?session={{CHECKOUT_SESSION_ID}}",
                "success_url": None,
                "cancel_url": None,
                **changes,
            }
            made.append(sandbox.session(**params))
            return {"clientSecret": made[-1].client_secret}

        self.answers["/create-checkout-session"] = create
        return made

    def stop(self) -> None:
        self._server.stop()


def blank(shop: Shop) -> str:
    """A page with one Stripe object and a permissive policy."""
    address = "https://js.stripe.com/endive/stripe.js"
    shop.policy = "default-src * 'unsafe-eval' 'unsafe-inline'"
    shop.pages["/blank.html"] = (
        f'<script src="{address}"></script><script>one = Stripe("pk_test_shop")</script>'
        '<div id="here"></div><div id="there"></div>'
    )
    return f"{shop.url}/blank.html"
