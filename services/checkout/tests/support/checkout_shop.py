"""A running shop, as its tests and its callers see it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from checkout import bootstrap
from checkout.handlers import CheckoutHandler
from checkout.settings import ApiSettings
from devstack.tokens import TokenIssuer
from messaging.message import Message
from processkit.health import Health
from schemas.events import Event, OrderPlaced, PaymentAccepted
from schemas.topics import stripe_topic
from servicekit.roles import Context
from servicekit.server import create_server

SERVICE = Path(__file__).resolve().parents[2]
SIGN_IN = "http://id.example/sign-in"
TERMS = "2026-01"
GOOD_CARD = "4242424242424242"
PRICES = [{"currency": "eur", "amount": 4900}, {"currency": "jpy", "amount": 5000}]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(answers: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not answers():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)


class Clock:
    """The system's clock, moved on request."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass
class Stripe:
    """The sandbox, and what a test does to it."""

    url: str
    http: httpx.Client

    def control(self, path: str, /, **body: Any) -> Any:
        answer = self.http.post(f"{self.url}/_sandbox{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.url}/v1{path}", params=query, auth=("sk_test_shop", ""))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pay(self, session_id: str, **how: Any) -> Any:
        return self.control(f"/checkout/sessions/{session_id}/pay", **{"card": GOOD_CARD} | how)

    def refund(self, payment_intent: str, **body: str) -> None:
        """Refund a payment at Stripe, as its dashboard does: checkout learns of it by the event only."""
        data = {"payment_intent": payment_intent} | body
        answer = self.http.post(f"{self.url}/v1/refunds", data=data, auth=("sk_test_x", ""))
        assert answer.status_code == 200, answer.text

    def expire(self, session_id: str) -> Any:
        return self.control(f"/checkout/sessions/{session_id}/expire")

    def fail(self, path: str = "/v1/checkout/sessions", **how: Any) -> None:
        self.control("/faults", path=path, **how)

    def heal(self) -> None:
        self.http.delete(f"{self.url}/_sandbox/faults").raise_for_status()

    def sessions(self) -> list[Any]:
        return list(self.get("/checkout/sessions", limit=100)["data"])

    def events(self) -> list[Any]:
        """All events, oldest first."""
        return list(reversed(self.get("/events", limit=100)["data"]))


@dataclass
class Shop:
    """Checkout as other services see it."""

    url: str
    dsn: str
    http: httpx.Client
    stripe: Stripe
    clock: Clock
    issuer: TokenIssuer
    settings: ApiSettings
    delivered: set[str] = field(default_factory=set)

    def bearer(self, user: str = "usr_asha", email: str = "asha@example.com", *roles: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token(user, email, roles)}"}

    @property
    def admin(self) -> dict[str, str]:
        return self.bearer("usr_admin", "admin@example.com", "admin")

    def course(self, course_id: str = "ragas", **changes: Any) -> Any:
        body = {"title": "Ragas for beginners", "category": "Music", "prices": PRICES} | changes
        answer = self.http.put(f"/v1/admin/courses/{course_id}", json=body, headers=self.admin)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def buy(self, user: str = "usr_asha", course_id: str = "ragas", **body: Any) -> httpx.Response:
        wanted = {"course_id": course_id, "terms_version": TERMS} | body
        return self.http.post("/v1/checkout/sessions", json=wanted, headers=self.bearer(user))

    def order(self, order_id: str, user: str = "usr_asha") -> Any:
        answer = self.http.get(f"/v1/orders/{order_id}", headers=self.bearer(user))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deliver(self, events: Iterable[Mapping[str, Any]] | None = None) -> int:
        """Let checkout consume Stripe's events as the runner does; by default those that it has not had."""
        if events is None:
            events = [event for event in self.stripe.events() if event["id"] not in self.delivered]
        handler = CheckoutHandler(self.clock)
        messages = [stripe_message(event) for event in events]
        self.delivered.update(message.id for message in messages)
        decoded = [event for event in map(handler.decode, messages) if event is not None]
        with psycopg.connect(self.dsn) as tx:
            handler.record(tx, decoded)
            tx.commit()
            handler.derive(tx, decoded)
        return len(decoded)

    def announce(self, access: bool, version: int, **changes: Any) -> None:
        """Let checkout consume an announcement of enrollment's."""
        body = {
            "user_id": "usr_asha",
            "course_id": "ragas",
            "access": access,
            "state": "active" if access else "revoked",
            "version": version,
        } | changes
        self.hear(announcement(body))

    def announce_duplicate(self, later: str, first: str, version: int = 1, **changes: Any) -> None:
        """Let checkout consume that `later` bought what `first` had opened already."""
        body = {
            "user_id": "usr_asha",
            "course_id": "ragas",
            "order_id": later,
            "first_order_id": first,
            "detected_at": datetime.now(UTC).isoformat(),
            "version": version,
        } | changes
        self.hear(announcement(body, "duplicate_detected"))

    def withdraw_duplicate(self, later: str, version: int) -> None:
        """Let checkout consume that `later` is no duplicate."""
        body = {
            "user_id": "usr_asha",
            "course_id": "ragas",
            "order_id": later,
            "withdrawn_at": datetime.now(UTC).isoformat(),
            "version": version,
        }
        self.hear(announcement(body, "duplicate_withdrawn"))

    def hear(self, message: Message) -> None:
        """Let checkout consume one message as the runner does."""
        handler = CheckoutHandler(self.clock)
        event = handler.decode(message)
        assert event is not None
        with psycopg.connect(self.dsn) as tx:
            handler.record(tx, [event])
            tx.commit()
            handler.derive(tx, [event])

    def hear_placed(self, order_id: str) -> None:
        """Let checkout consume its own announcement of an order."""
        self.hear_announced(order_id, OrderPlaced)

    def hear_announced(self, order_id: str, contract: type[Event]) -> None:
        """Let checkout consume its own announcement of this type about an order."""
        event_id, type_, body = next(
            message
            for message in self.announced()
            if message[1] == contract.TYPE and message[2]["order_id"] == order_id
        )
        value = json.dumps(body).encode()
        now = datetime.now(UTC)
        self.hear(Message("orders", 0, 0, order_id, value, event_id, type_, "masterji/checkout", now))

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.dsn, row_factory=dict_row) as tx:
            return tx.execute(query, parameters).fetchall()

    def execute(self, query: str, *parameters: Any) -> None:
        with psycopg.connect(self.dsn) as tx:
            tx.execute(query, parameters)

    def announced(self, topic: str = "orders") -> list[tuple[str, str, Any]]:
        """Id, type and body of what waits for the relay, in its order."""
        rows = self.rows("select event_id, type, value from outbox where topic = %s order by id", topic)
        return [(row["event_id"], row["type"], json.loads(row["value"])) for row in rows]

    @staticmethod
    def problem(answer: httpx.Response, status: int, slug: str) -> Any:
        """Assert that the answer is this problem, and say what it says."""
        kind = answer.headers.get("content-type")
        assert (answer.status_code, kind) == (status, "application/problem+json"), answer.text
        body = answer.json()
        assert body["type"] == f"https://masterji.dev/problems/{slug}", body
        assert len(body["detail"]) > 20
        return body

    def paid_late(self, order_id: str, user: str = "usr_asha") -> Any:
        """An order whose page ran out is paid after all, on a page that an operator created by hand and then
        accepted for the order."""
        order = self.order(order_id, user)
        names = {"order_id": order_id, "user_id": user}
        form = {
            "mode": "payment",
            "success_url": "http://app.example/thanks",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": order["currency"],
            "line_items[0][price_data][unit_amount]": str(order["amount_total"]),
            "line_items[0][price_data][product_data][name]": "By hand",
            **{f"metadata[{name}]": value for name, value in names.items()},
            **{f"payment_intent_data[metadata][{name}]": value for name, value in names.items()},
        }
        answer = self.stripe.http.post(
            f"{self.stripe.url}/v1/checkout/sessions", data=form, auth=("sk_test_shop", "")
        )
        assert answer.status_code == 200, answer.text
        session_id = answer.json()["id"]
        self.stripe.pay(session_id)
        body = {"session_id": session_id, "reason": "paid on a page made by hand"}
        accepted = self.http.post(f"/v1/admin/orders/{order_id}/accept", json=body, headers=self.admin)
        assert accepted.status_code == 202, accepted.text
        self.hear_announced(order_id, PaymentAccepted)
        return session_id

    def bought(self, **body: Any) -> Any:
        """Buy and pay one course; the order as it stands afterwards."""
        answer = self.buy(**body)
        assert answer.status_code == 201, answer.text
        self.stripe.pay(answer.json()["session_id"])
        self.deliver()
        return self.order(answer.json()["order_id"], body.get("user", "usr_asha"))

    def paid_in_another_amount(self) -> str:
        """Buy a course and pay an amount that does not match the order; return its id."""
        handed = self.buy().json()
        self.stripe.pay(handed["session_id"])
        events = self.stripe.events()
        for event in events:
            if event["type"] == "checkout.session.completed":
                event["data"]["object"] |= {"amount_subtotal": 49, "amount_total": 49}
        self.deliver(events)
        return str(handed["order_id"])


def stripe_message(event: Mapping[str, Any]) -> Message:
    """A Stripe event as webhook-ingest publishes it."""
    return Message(
        topic=stripe_topic(event["type"]),
        partition=0,
        offset=0,
        key=None,
        value=json.dumps(event).encode(),
        id=event["id"],
        type=event["type"],
        source="stripe",
        time=datetime.fromtimestamp(event["created"], UTC),
    )


def announcement(body: Mapping[str, Any], kind: str = "changed") -> Message:
    """An announcement as enrollment publishes it."""
    return Message(
        topic="enrollments",
        partition=0,
        offset=0,
        key=str(body["user_id"]),
        value=json.dumps(body).encode(),
        id=f"{kind}-{body['user_id']}-{body['course_id']}-{body['version']}",
        type=f"masterji.enrollment.{kind}.v1",
        source="masterji/enrollment",
        time=datetime.now(UTC),
    )


def settings_of(dsn: str, stripe_url: str, issuer: TokenIssuer) -> ApiSettings:
    """The settings of a shop with this database, on a free port."""
    port = free_port()
    trusted: dict[str, Any] = {name.lower(): value for name, value in issuer.settings_env.items()}
    return ApiSettings(
        database_url=dsn,
        port=port,
        stripe_secret_key="sk_test_shop",
        stripe_api_base=stripe_url,
        app_url=f"http://127.0.0.1:{port}",
        sign_in_url=SIGN_IN,
        terms_version=TERMS,
        return_origins="https://app.example",
        default_currency="eur",
        **trusted,
    )


@contextmanager
def serving(settings: ApiSettings, clock: Clock) -> Iterator[None]:
    """Serve a shop with these settings during the block."""
    server = create_server(bootstrap.api(Context(settings, Health(), clock)).app, settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive(), "the server's start")
        yield
    finally:
        server.stop()
        thread.join(20)
