"""Reads single objects from Stripe, with a restricted key that can only read."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from enrollment.errors import KeyRefused, NotReadable, StripeUnavailable

# Prefix of an id, path of its objects, and the event type under which a reread object is published.
_KINDS = (
    ("cs_", "checkout/sessions", "checkout.session.reread"),
    ("re_", "refunds", "refund.reread"),
    ("pyr_", "refunds", "refund.reread"),
    ("dp_", "disputes", "charge.dispute.reread"),
    ("du_", "disputes", "charge.dispute.reread"),
    ("sub_", "subscriptions", "customer.subscription.reread"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """An object as Stripe returned it at `at` (by Stripe's clock, in whole seconds)."""

    object: dict[str, Any]
    event_type: str
    at: datetime


class StripeReader(Protocol):
    """Reads objects. Raises NotReadable, KeyRefused, and StripeUnavailable."""

    def read(self, object_id: str) -> Reading: ...
    def session_of_payment(self, payment_intent_id: str) -> Reading: ...


class HttpStripeReader:
    """Reads from Stripe's API over HTTPS. Every error contains Stripe's request id."""

    def __init__(self, key: str, base: str, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=10)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._base = base

    def read(self, object_id: str) -> Reading:
        """Return the object with this id."""
        for prefix, path, event_type in _KINDS:
            if object_id.startswith(prefix):
                body, at = self._get(f"/v1/{path}/{object_id}", {})
                return Reading(body, event_type, at)
        raise NotReadable(f"{object_id} is not the id of a session, refund, dispute or subscription")

    def session_of_payment(self, payment_intent_id: str) -> Reading:
        """Return the Checkout Session of this payment intent."""
        body, at = self._get("/v1/checkout/sessions", {"payment_intent": payment_intent_id, "limit": "1"})
        found = body.get("data") or []
        if not found:
            raise NotReadable(f"Stripe has no session with the payment intent {payment_intent_id}")
        return Reading(found[0], "checkout.session.reread", at)

    def _get(self, path: str, params: dict[str, str]) -> tuple[dict[str, Any], datetime]:
        try:
            response = self._client.get(self._base + path, params=params, headers=self._headers)
        except httpx.HTTPError as error:
            raise StripeUnavailable(f"Stripe is unreachable: {type(error).__name__}") from error
        request_id = response.headers.get("request-id", "?")
        answered = f"Stripe answered {response.status_code} (request {request_id}) to {path}"
        if response.status_code in (401, 403):
            raise KeyRefused(answered)
        # Stripe answers 404 if the object of the path is missing, and 400 if that of a filter is missing.
        if response.status_code in (400, 404):
            raise NotReadable(answered)
        # Any other status, from Stripe or from a proxy, says nothing about the object.
        if response.status_code != 200:
            raise StripeUnavailable(answered)
        at = datetime.now(UTC)
        with contextlib.suppress(KeyError, ValueError):
            at = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
        try:
            body = response.json()
        except ValueError as error:
            raise StripeUnavailable(f"{answered}, and the body is not JSON") from error
        if not isinstance(body, dict):
            raise NotReadable(f"Stripe's answer to {path} is not a JSON object (request {request_id})")
        return body, at
