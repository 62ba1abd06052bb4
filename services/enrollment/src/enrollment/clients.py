"""Stripe, to read from: one object at a time, with a key that can do nothing else."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from processkit.errors import Transient

# What each kind of id names, and the type under which the object is published again.
_KINDS = (
    ("cs_", "checkout/sessions", "checkout.session.reread"),
    ("re_", "refunds", "refund.reread"),
    ("pyr_", "refunds", "refund.reread"),
    ("dp_", "disputes", "charge.dispute.reread"),
    ("du_", "disputes", "charge.dispute.reread"),
    ("sub_", "subscriptions", "customer.subscription.reread"),
)


class NotReadable(Exception):
    """There is no such object at Stripe: no later call can read it."""


class KeyRefused(Transient):
    """Stripe does not let the key read this: it was revoked, or lacks a right. Mended by another key."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An object as Stripe showed it at `at` (Stripe's own clock, whole seconds)."""

    object: dict[str, Any]
    event_type: str
    at: datetime


class StripeReader(Protocol):
    """Reads objects. Raises NotReadable, KeyRefused, and otherwise Transient while Stripe is away."""

    def read(self, object_id: str) -> Reading: ...
    def session_of_payment(self, payment_intent_id: str) -> Reading: ...


class HttpStripeReader:
    """Stripe's API over HTTPS. Every failure names Stripe's request id."""

    def __init__(self, key: str, base: str, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=10)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._base = base

    def read(self, object_id: str) -> Reading:
        """The object of this id."""
        for prefix, path, event_type in _KINDS:
            if object_id.startswith(prefix):
                body, at = self._get(f"/v1/{path}/{object_id}", {})
                return Reading(body, event_type, at)
        raise NotReadable(f"no kind of Stripe object that is read again has the id {object_id}")

    def session_of_payment(self, payment_intent_id: str) -> Reading:
        """The Checkout Session that made this payment."""
        body, at = self._get("/v1/checkout/sessions", {"payment_intent": payment_intent_id, "limit": "1"})
        found = body.get("data") or []
        if not found:
            raise NotReadable(f"Stripe knows no session of {payment_intent_id}")
        return Reading(found[0], "checkout.session.reread", at)

    def _get(self, path: str, params: dict[str, str]) -> tuple[dict[str, Any], datetime]:
        try:
            answer = self._client.get(self._base + path, params=params, headers=self._headers)
        except httpx.HTTPError as error:
            raise Transient(f"Stripe cannot be reached: {type(error).__name__}") from error
        request_id = answer.headers.get("request-id", "?")
        said = f"Stripe answered {answer.status_code} (request {request_id}) to {path}"
        if answer.status_code in (401, 403):
            raise KeyRefused(said)
        # Stripe says 404 of an object in the path, and 400 of one that a list is filtered by.
        if answer.status_code in (400, 404):
            raise NotReadable(said)
        # Anything else says nothing about the object, be it of Stripe or of a proxy on the way.
        if answer.status_code != 200:
            raise Transient(said)
        at = datetime.now(UTC)
        with contextlib.suppress(KeyError, ValueError):
            at = parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
        try:
            body = answer.json()
        except ValueError as error:
            raise Transient(f"{said}, and with no JSON") from error
        if not isinstance(body, dict):
            raise NotReadable(f"Stripe's answer to {path} is no object (request {request_id})")
        return body, at
