"""Stripe, behind the few calls that checkout makes.

Every failure is logged with order id, Stripe's request id and code.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import stripe
from prometheus_client import Histogram
from stripe import HTTPXClient, StripeClient

from checkout.clients.endpoints import read_endpoints
from checkout.clients.failures import fail, translated
from checkout.clients.readings import DISPUTE, INTENT, SESSION, Payment, Reading, answered_at
from checkout.clients.session_params import session_params
from checkout.domain.endpoints import Endpoint
from checkout.domain.order import Order
from checkout.domain.refunds import STRIPE_REASONS, RefundRequest, idempotency_key, metadata
from schemas.times import from_seconds

CALLS = Histogram("checkout_stripe_call_seconds", "Seconds a call of Stripe took", ["call"])

# 2 tries of at most 4 s and a pause of 0.5 s fit into the 10 s that a caller waits at most.
TIMEOUT = httpx.Timeout(4.0, connect=2.0)
RETRIES = 1


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A Checkout Session. `status` is open, complete or expired; `url` is set while it is open."""

    session_id: str
    status: str
    url: str | None
    expires_at: datetime
    currency: str | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """A refund at Stripe."""

    stripe_refund_id: str
    status: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Returned:
    """How much of a payment was refunded, in minor units, and whether it was ever disputed."""

    refunded: int
    disputed: bool


class Stripe:
    """Calls Stripe. Each method raises StripeRefused, or StripeUnavailable: then retry with the same key."""

    def __init__(self, key: str, api_base: str = "", *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._http = HTTPXClient(timeout=timeout)
        self._client = StripeClient(
            key,
            http_client=self._http,
            max_network_retries=RETRIES,
            base_addresses={"api": api_base} if api_base else {},
        )

    async def create_page(self, order: Order) -> PaymentPage:
        """Create the order's payment page. A repeated call for the same attempt returns the same page."""
        with CALLS.labels("create_session").time():
            try:
                session = await self._client.v1.checkout.sessions.create_async(
                    session_params(order),
                    {"idempotency_key": f"{order.order_id}:{order.attempt}"},
                )
            except stripe.StripeError as error:
                fail("create_session", order.order_id, error)
        return _page(session)

    async def page(self, order_id: str, session_id: str) -> PaymentPage:
        """Return the current state of the payment page."""
        with CALLS.labels("retrieve_session").time():
            try:
                session = await self._client.v1.checkout.sessions.retrieve_async(session_id)
            except stripe.StripeError as error:
                fail("retrieve_session", order_id, error)
        return _page(session)

    async def expire_page(self, order_id: str, session_id: str) -> None:
        """Expire the payment page. Raises StripeRefused if it is not open."""
        with CALLS.labels("expire_session").time():
            try:
                await self._client.v1.checkout.sessions.expire_async(session_id)
            except stripe.StripeError as error:
                fail("expire_session", order_id, error)

    async def refund(self, request: RefundRequest) -> MoneyBack:
        """Request the refund. A repeated call for the same attempt returns the same refund."""
        params: Any = {
            "payment_intent": request.payment_intent_id,
            "amount": request.amount,
            "metadata": metadata(request),
        }
        if request.reason in STRIPE_REASONS:
            params["reason"] = request.reason
        with CALLS.labels("create_refund").time():
            try:
                refund = await self._client.v1.refunds.create_async(
                    params, {"idempotency_key": idempotency_key(request)}
                )
            except stripe.StripeError as error:
                fail("create_refund", request.order_id, error)
        return _money_back(refund)

    async def refund_made(self, request: RefundRequest) -> MoneyBack | None:
        """Return the refund that an earlier call for this request made; None if it made none, or it failed.

        The idempotency key cannot show this: Stripe forgets it after a day, and rejects it if a new release
        sends other parameters with it. So the payment's refunds are searched for the id in their metadata.
        """
        with CALLS.labels("list_refunds").time():
            try:
                page = await self._client.v1.refunds.list_async(
                    {"payment_intent": request.payment_intent_id, "limit": 100}
                )
                async for refund in page.auto_paging_iter():
                    named = refund.metadata and refund.metadata.to_dict().get("refund_id")
                    if named == request.refund_id and refund.status not in ("failed", "canceled"):
                        return _money_back(refund)
            except stripe.StripeError as error:
                fail("list_refunds", request.order_id, error)
        return None

    async def returned(self, order_id: str, payment_intent_id: str) -> Returned:
        """Return what Stripe currently reports about refunds and disputes of a payment."""
        with CALLS.labels("retrieve_payment").time():
            try:
                intent = await self._client.v1.payment_intents.retrieve_async(
                    payment_intent_id, {"expand": ["latest_charge"]}
                )
            except stripe.StripeError as error:
                fail("retrieve_payment", order_id, error)
        charge = intent.latest_charge
        if not isinstance(charge, stripe.Charge):
            return Returned(0, disputed=False)
        return Returned(charge.amount_refunded, disputed=charge.disputed)

    async def payment(self, order_id: str, session_id: str) -> Payment:
        """Read a session and its payment intent."""
        [session] = await self._read(order_id, f"/v1/checkout/sessions/{session_id}", SESSION)
        intent_id = session.object.get("payment_intent")
        if not intent_id:
            return Payment(session, None)
        [intent] = await self._read(order_id, f"/v1/payment_intents/{intent_id}", INTENT)
        return Payment(session, intent)

    async def disputes(self, order_id: str, payment_intent_id: str) -> list[Reading]:
        """Read the disputes of a payment."""
        return await self._read(order_id, "/v1/disputes", DISPUTE, payment_intent=payment_intent_id)

    async def cancel_payment(self, order_id: str, payment_intent_id: str) -> None:
        """Cancel a payment. Raises StripeRefused if the bank may already be moving the money."""
        with CALLS.labels("cancel_payment").time():
            try:
                await self._client.v1.payment_intents.cancel_async(payment_intent_id)
            except stripe.StripeError as error:
                fail("cancel_payment", order_id, error)

    async def endpoints(self) -> list[Endpoint]:
        """Return the account's webhook endpoints. No order needs them, so a failure is not counted."""
        with CALLS.labels("list_endpoints").time():
            try:
                return await read_endpoints(self._client)
            except stripe.StripeError as error:
                raise translated(error) from error

    async def _read(self, order_id: str, path: str, event_type: str, **params: str) -> list[Reading]:
        """Return the object at this path, or the objects of the list there, as they are in events."""
        with CALLS.labels("reread").time():
            try:
                response = await self._client.raw_request_async("get", path, **params)
            except stripe.StripeError as error:
                fail("reread", order_id, error)
        found = response.data["data"] if response.data.get("object") == "list" else [response.data]
        return [Reading(obj, event_type, answered_at(response)) for obj in found]

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]


def _page(session: stripe.checkout.Session) -> PaymentPage:
    return PaymentPage(
        session_id=session.id,
        status=session.status or "expired",
        url=session.url,
        expires_at=from_seconds(session.expires_at),
        currency=session.currency,
        amount=session.amount_total,
    )


def _money_back(refund: stripe.Refund) -> MoneyBack:
    return MoneyBack(refund.id, refund.status or "pending", refund.amount, refund.currency)
