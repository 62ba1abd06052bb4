"""The command by which staff accept a payment that does not match its order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import announcements, errors
from checkout.clients.readings import Payment
from checkout.clients.stripe import Stripe
from checkout.domain.order import Order
from checkout.domain.order_state import BOUGHT
from checkout.store import orders
from checkout.usecases.purchase import ANSWER_SECONDS
from checkout.usecases.rereads import publish
from messaging.outbox import rows as outbox
from processkit.tracing import new_traceparent


@dataclass(frozen=True, slots=True)
class Accepting:
    """Accepts settled sessions as payments of orders."""

    engine: AsyncEngine
    stripe: Stripe
    clock: Callable[[], datetime]

    async def accept(self, order_id: str, session_id: str | None, reason: str, admin: str) -> str:
        """Announce that the session (None: the order's own) pays the order; return the session's id.

        It takes effect in every service, this one included, when the announcement is consumed. A repeated
        call announces the same. Raises OrderNotFound, NotAcceptable, StripeRefused, StripeUnavailable.
        """
        async with self.engine.connect() as tx:
            order = await orders.by_id(tx, order_id)
        if order is None:
            raise errors.OrderNotFound
        session_id = session_id or order.session_id
        if session_id is None:
            raise errors.NotAcceptable("The order has no payment page. Name the session that paid it.")
        async with self.engine.connect() as tx:
            made_for = await orders.order_of_session(tx, session_id)
        if made_for not in (None, order_id):
            raise errors.NotAcceptable(f"The session is the payment page of another order, {made_for}.")
        if order.state in BOUGHT:
            raise errors.NotAcceptable("The order is paid already. Refund what was paid in addition.")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                payment = await self.stripe.payment(order_id, session_id)
        except TimeoutError:
            raise errors.StripeUnavailable(
                "Stripe did not answer in time. Nothing was accepted; send the same request again."
            ) from None
        _check(order, payment)
        message = announcements.payment_accepted(
            order, session_id, reason, admin, self.clock(), new_traceparent()
        )
        async with self.engine.begin() as tx:
            # The session as it is now, too: its event may have been lost, or may have named no order.
            await publish(tx, payment.readings)
            await outbox.append_on_engine(tx, [message])
        return session_id


def _check(order: Order, payment: Payment) -> None:
    session = payment.session.object
    if session.get("mode") != "payment" or not payment.is_paid:
        raise errors.NotAcceptable("The session is not paid at Stripe. Only a payment can be accepted.")
    if session.get("amount_total") and payment.intent_id is None:
        raise errors.NotAcceptable("Stripe shows no payment of this session, so no money has arrived.")
    if session.get("currency") != order.currency:
        raise errors.NotAcceptable(
            f"The session was paid in {session.get('currency')}, but the order is in {order.currency}."
            " Refund the payment in Stripe's dashboard; the buyer can order again."
        )
