"""The command by which staff close an order that waits for its payment, so that its buyer can order again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import announcements, errors
from checkout.clients.stripe import Stripe
from checkout.domain.order import Order
from checkout.domain.order_state import State
from checkout.store import orders
from checkout.usecases.purchase import ANSWER_SECONDS
from checkout.usecases.rereads import publish
from messaging.outbox import rows as outbox
from processkit.tracing import new_traceparent

_WAITING = frozenset({State.OPEN, State.PROCESSING})


@dataclass(frozen=True, slots=True)
class Closing:
    """Closes orders whose payment has ended at Stripe, or can be ended there."""

    engine: AsyncEngine
    stripe: Stripe
    clock: Callable[[], datetime]

    async def close(self, order_id: str, note: str, admin: str) -> Order:
        """Close the order: expire its page, or cancel its payment, at Stripe first. Return the closed order.

        Raises OrderNotFound, NotClosable if the order does not wait, PaymentArrived, PaymentOnItsWay,
        StripeRefused, StripeUnavailable.
        """
        async with self.engine.connect() as tx:
            order = await orders.by_id(tx, order_id)
        if order is None:
            raise errors.OrderNotFound
        if order.state not in _WAITING:
            raise errors.NotClosable(order.state)
        if order.session_id is not None:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._end_payment(order, order.session_id)
            except TimeoutError:
                raise errors.StripeUnavailable(
                    "Stripe did not answer in time. Nothing was closed; send the same request again."
                ) from None
        now = self.clock()
        async with self.engine.begin() as tx:
            if not await orders.close_waiting(tx, order, note, admin, now):
                raise errors.NotClosable("changed meanwhile")
            message = announcements.order_expired(
                order_id, order.user_id, order.session_id, "canceled", now, new_traceparent()
            )
            await outbox.append_on_engine(tx, [message])
            closed = await orders.by_id(tx, order_id)
        assert closed is not None
        return closed

    async def _end_payment(self, order: Order, session_id: str) -> None:
        """Make sure that Stripe takes no money for the order any more."""
        payment = await self.stripe.payment(order.order_id, session_id)
        if payment.page_is_open:
            try:
                await self.stripe.expire_page(order.order_id, session_id)
            except errors.StripeRefused:
                raise errors.PaymentOnItsWay from None
            return
        if payment.is_paid:
            # The event of the payment was lost: every service learns of it now.
            async with self.engine.begin() as tx:
                await publish(tx, payment.readings)
            raise errors.PaymentArrived
        if payment.intent_id is not None and not payment.has_ended:
            try:
                await self.stripe.cancel_payment(order.order_id, payment.intent_id)
            except errors.StripeRefused:
                raise errors.PaymentOnItsWay from None
