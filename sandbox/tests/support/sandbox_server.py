"""A sandbox on a free port, a receiver of its webhooks, and a Stripe client that checks every answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sandbox_openapi
import sandbox_openapi_requests
import stripe
import uvicorn
from local_server import Handler, LocalServer

from devstack import loopback
from stripe_sandbox.app import create_app
from stripe_sandbox.rest import form_encoding as forms
from stripe_sandbox.settings import KEEP_ALIVE_SECONDS, RetrySchedule, Settings, WebhookTarget

SECRET = "whsec_test_receiver"
#: The number of events of a paid session.
PURCHASE = 4


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Received:
    """A received delivery."""

    body: bytes
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded


@dataclass
class Receiver:
    """Receives webhooks; returns the statuses of `answers` one by one, then 200."""

    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _server: LocalServer | None = None

    def start(self) -> None:
        receiver = self

        class Hooks(Handler):
            def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver._changed:
                    receiver.received.append(Received(body, self.headers["stripe-signature"]))
                    status = receiver.answers.pop(0) if receiver.answers else 200
                    receiver._changed.notify_all()
                self.answer(status, b"ok")

        self._server = LocalServer(Hooks)
        self.url = f"{self._server.url}/hooks"

    def stop(self) -> None:
        assert self._server is not None
        self._server.stop()

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """The events, once this many deliveries have arrived; fails after a timeout."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.received) >= count, seconds)
            assert arrived, f"{len(self.received)} of {count} deliveries arrived: {self.types()}"
            return [one.event for one in self.received]

    def types(self) -> list[str]:
        return [one.event["type"] for one in self.received]

    def clear(self) -> None:
        with self._changed:
            self.received.clear()
            self.answers.clear()


class CheckingClient(stripe.HTTPClient):
    """Stripe's transport; checks each answer and each accepted request with Stripe's document."""

    name = "checking"

    def __init__(self) -> None:
        super().__init__()
        self._inner = stripe.new_default_http_client()
        self.checked = 0

    def request(self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None) -> Any:
        body, status, answered = self._inner.request(method, url, headers, post_data)
        parts = urlsplit(url)
        found = sandbox_openapi.problems(method.upper(), parts.path, status, json.loads(body))
        if status < 400:  # Stripe must accept what the sandbox accepts
            form = forms.parse("&".join((parts.query, post_data or "")).encode())
            found += sandbox_openapi_requests.problems(method.upper(), parts.path, form)
        assert not found, "\n".join(found)
        self.checked += 1
        return body, status, answered

    def close(self) -> None:
        self._inner.close()


class Running:
    """A running sandbox with its clients."""

    def __init__(self, **settings: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.receiver = Receiver()
        self.receiver.start()
        chosen: dict[str, Any] = {
            "retry": RetrySchedule(base=0.05, ceiling=0.2),
            "redirect_wait": 5.0,
            "webhooks": (WebhookTarget(self.receiver.url, SECRET),),
            **settings,
        }
        self.app = create_app(Settings(port=self.port, **chosen))
        self._server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                host="127.0.0.1",
                port=self.port,
                log_level="warning",
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                date_header=False,
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        self.http = loopback.client(base_url=self.url, timeout=20, retries=20)
        self.transport = CheckingClient()
        self.client = stripe.StripeClient(
            "sk_test_tests",
            base_addresses={"api": self.url},
            http_client=self.transport,
            max_network_retries=0,
        )
        self.http.get("/_sandbox/health").raise_for_status()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.http.close()
        self.transport.close()
        self.receiver.stop()

    def control(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """POST to a control; fails on any error."""
        answer = self.http.post(f"/_sandbox/{path}", json=dict(body or {}))
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def reset(self) -> None:
        # Deliveries of an earlier test must not arrive in this one.
        self.control("webhooks/resume")
        self.control("webhooks/drain", {"timeout_seconds": 2})
        self.control("reset")
        self.receiver.clear()

    def types(self, after: int = 0) -> list[str]:
        """The types of all events but the first ones, oldest first, as the API lists them."""
        events = self.client.v1.events.list({"limit": 100})
        return [event.type for event in reversed(events.data)][after:]

    def price(self, amount: int = 2000, interval: str = "month", product: str | None = None) -> str:
        """A recurring price in USD, of a new product unless one is named."""
        v1 = self.client.v1
        params: Any = {
            "product": product or v1.products.create({"name": "All courses"}).id,
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": interval},
        }
        return v1.prices.create(params).id

    def session(self, **changes: Any) -> stripe.checkout.Session:
        """An ordinary session over 19.90 USD."""
        params: dict[str, Any] = {
            "mode": "payment",
            "success_url": "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.example/cart",
            "client_reference_id": "ord_1",
            "metadata": {"order_id": "ord_1"},
            "payment_intent_data": {"metadata": {"order_id": "ord_1"}},
            "line_items": [line()],
        }
        params.update(changes)
        params = {name: value for name, value in params.items() if value is not None}
        return self.client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]

    def pay(self, session_id: str, card: str | None = "4242424242424242", **more: Any) -> dict[str, Any]:
        """Pay with the control and wait for the webhooks."""
        return self.control(f"checkout/sessions/{session_id}/pay", {"card": card, "wait_seconds": 5, **more})


def line(
    amount: int = 1990, currency: str = "usd", name: str = "Course", quantity: int = 1
) -> dict[str, Any]:
    """A line item with price_data."""
    return {
        "price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": name}},
        "quantity": quantity,
    }
