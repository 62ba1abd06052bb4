"""Refunds: recorded first, by order and key, and only then requested from Stripe."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import domain, errors
from checkout.clients.stripe import Stripe
from checkout.domain.refunds import REPEATABLE, REQUESTED, RefundRequest
from checkout.store import refunds as store
from checkout.usecases.purchase import ANSWER_SECONDS

_DISPUTED = frozenset({domain.State.DISPUTED, domain.State.CHARGED_BACK})
_GONE = frozenset({"charge_already_refunded", "charge_disputed"})


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds that an administrator requests."""

    engine: AsyncEngine
    stripe: Stripe
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    answer_seconds: float = ANSWER_SECONDS

    async def refund(
        self, order_id: str, amount: int | None, reason: str, admin: str, key: str | None = None
    ) -> RefundRequest:
        """Refund `amount` (minor units; None: all that is left) of a paid order, once for each key. The order
        changes only with Stripe's events.

        `key` is the caller's Idempotency-Key; without one the reason is the key.

        The same request again returns the same refund; after a definite failure it is tried again. Raises
        OrderNotFound, NotRefundable, RefundDiffers, StripeRefused, StripeUnavailable.
        """
        named = reason if key is None else f"key:{key}"
        request, known = await self._request(order_id, amount, reason, admin, named)
        if request.status != REQUESTED:
            return request
        try:
            async with asyncio.timeout(self.answer_seconds):
                return await carry_out(self.engine, self.stripe, request, known=known)
        except TimeoutError:
            raise errors.StripeUnavailable(
                "Stripe did not answer in time. Send the same request again: it cannot refund twice."
            ) from None
        except errors.StripeRefused as refusal:
            if refusal.code in _GONE:
                raise errors.NotRefundable(
                    "Stripe reports that this payment was already refunded or disputed. See its dashboard."
                ) from refusal
            raise

    async def _request(
        self, order_id: str, amount: int | None, reason: str, admin: str, key: str
    ) -> tuple[RefundRequest, bool]:
        """Commit the request for this order and key. Return it, and whether Stripe may know it already."""
        async with self.engine.begin() as tx:
            order = await store.locked_order(tx, order_id)
            if order is None:
                raise errors.OrderNotFound
            existing = await store.find(tx, order_id, key)
            if existing is not None and existing.status not in REPEATABLE:
                if reason != existing.reason or (amount is not None and amount != existing.amount):
                    raise errors.RefundDiffers(existing.amount)
                return existing, True
            if order.state in _DISPUTED:
                raise errors.NotRefundable(
                    "A dispute holds this payment, or has taken it: nothing of it can be refunded. Answer "
                    "the dispute in Stripe's dashboard."
                )
            if order.state in domain.BOUGHT and order.payment_intent_id is None:
                raise errors.NotRefundable("Nothing was paid for this order. Revoke it to end its access.")
            if order.state not in domain.BOUGHT or order.payment_intent_id is None:
                raise errors.NotRefundable(f"The order is {order.state}: it has no payment to refund.")
            left = order.amount - order.promised
            wanted = left if amount is None else amount
            if not 0 < wanted <= left:
                raise errors.NotRefundable(
                    f"At most {left} {order.currency} (in minor units) of this order can still be refunded; "
                    f"the request was for {wanted}."
                )
            if existing is not None:
                return await store.retry(tx, existing, wanted, admin, self.clock()), True
            request = RefundRequest(
                refund_id=self.new_id(),
                order_id=order_id,
                reason=reason,
                amount=wanted,
                currency=order.currency,
                status=REQUESTED,
                attempt=1,
                payment_intent_id=order.payment_intent_id,
            )
            await store.insert_request(tx, request, key, admin, self.clock())
            return request, False


async def made_before(engine: AsyncEngine, stripe: Stripe, refund_id: str) -> RefundRequest | None:
    """Return and record the refund if an earlier call made it and the answer was lost; else None.

    Raises StripeRefused, StripeUnavailable: it is unknown whether the refund was made.
    """
    async with engine.connect() as tx:
        request = await store.by_id(tx, refund_id)
    made = await stripe.refund_made(request) if request is not None else None
    if request is None or made is None:
        return None
    async with engine.begin() as tx:
        status = await store.answered(tx, request, made.stripe_refund_id, made.status, made.amount)
    return replace(request, status=status, amount=made.amount)


async def carry_out(
    engine: AsyncEngine, stripe: Stripe, request: RefundRequest, *, known: bool
) -> RefundRequest:
    """Request a recorded refund from Stripe, and record the answer.

    `known`: an earlier call may have reached Stripe; then Stripe is asked first whether it was made. Raises
    StripeRefused, which is recorded too, and StripeUnavailable: retry later with the same key.
    """
    try:
        given = await stripe.refund_made(request) if known else None
        if given is None:
            given = await stripe.refund(request)
    except errors.StripeRefused as refusal:
        async with engine.begin() as tx:
            await store.refused(tx, request, refusal.code)
        raise
    async with engine.begin() as tx:
        status = await store.answered(tx, request, given.stripe_refund_id, given.status, given.amount)
    return replace(request, status=status, amount=given.amount)
