"""Events, signatures and an ASGI caller for the ingest's tests."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from webhook_ingest.api.webhook import Webhook
from webhook_ingest.domain.accepting import Accepted
from webhook_ingest.domain.signature import Verifier

NOW = 1_790_000_000
SECRET = "whsec_current"
OLD_SECRET = "whsec_being_rolled"

EVENT: dict[str, Any] = {
    "id": "evt_1Q",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": NOW - 3,
    "data": {
        "object": {
            "id": "cs_test_1",
            "object": "checkout.session",
            "amount_total": 4900,
            "customer": "cus_9",
            "metadata": {"order_id": "ord_1", "user_id": "usr_1"},
            "payment_intent": "pi_5",
            "url": "https://checkout.stripe.com/c/pay/cs_test_1",
        }
    },
    "livemode": False,
    "pending_webhooks": 1,
    "request": {"id": None, "idempotency_key": None},
    "type": "checkout.session.completed",
}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        """The slug of the problem; fails when the answer is no problem document."""
        assert self.headers["content-type"] == "application/problem+json", self
        document = json.loads(self.body)
        assert document["status"] == self.status
        assert document["detail"].endswith(".")
        return str(document["type"].removeprefix("https://masterji.dev/problems/"))


@dataclass
class Endpoint:
    """The endpoint, and what it published instead of to Kafka."""

    published: list[tuple[Accepted, str]] = field(default_factory=list)
    now: float = NOW
    fail_with: Exception | None = None
    account: str | None = None

    async def publish(self, event: Accepted, traceparent: str) -> None:
        if self.fail_with:
            raise self.fail_with
        self.published.append((event, traceparent))

    def call(
        self,
        body: bytes | Sequence[bytes],
        signature: bytes | str | None = None,
        method: str = "POST",
        *,
        unread: bool = False,
        **headers: str,
    ) -> Answer:
        """One request; the headers are named with underscores. `unread`: its body must not be read."""
        chunks = [body] if isinstance(body, bytes) else list(body)
        sent = {"content_type": "application/json; charset=utf-8", **headers}
        raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in sent.items()]
        if signature is not None:
            value = signature if isinstance(signature, bytes) else signature.encode()
            raw.append((b"stripe-signature", value))
        scope = {"type": "http", "method": method, "path": "/webhooks/stripe", "headers": raw}
        sent_back: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            assert not unread, "the body was read"
            chunk = chunks.pop(0) if chunks else b""
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent_back.append(message)

        webhook = Webhook(
            Verifier([OLD_SECRET, SECRET]), self.publish, False, lambda: self.now, account=self.account
        )
        asyncio.run(webhook(scope, receive, send))
        start, *rest = sent_back
        return Answer(
            start["status"],
            {name.decode(): value.decode() for name, value in start["headers"]},
            b"".join(message["body"] for message in rest),
        )


def sign(body: bytes, secret: str = SECRET, at: int = NOW, scheme: str = "v1") -> str:
    """A signature header, made by hashlib alone so that it shares nothing with the code under test."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},{scheme}={digest}"


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture(scope="session")
def new_endpoint() -> Callable[[], Endpoint]:
    """For hypothesis, whose examples must not share one."""
    return Endpoint


@pytest.fixture(scope="session")
def new_event() -> Callable[[], dict[str, Any]]:
    """For hypothesis as well."""
    return lambda: copy.deepcopy(EVENT)


@pytest.fixture(scope="session")
def signed() -> Callable[..., str]:
    return sign


@pytest.fixture
def event() -> dict[str, Any]:
    return copy.deepcopy(EVENT)
