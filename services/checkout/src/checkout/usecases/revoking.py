"""The command by which staff end an order for which nothing was paid: there is nothing to refund."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import announcements, errors
from checkout.domain.order_state import BOUGHT
from checkout.store import orders, refunds
from messaging.outbox import rows as outbox
from processkit.tracing import new_traceparent


@dataclass(frozen=True, slots=True)
class Revoking:
    """Ends orders that cost nothing."""

    engine: AsyncEngine
    clock: Callable[[], datetime]

    async def revoke(self, order_id: str, reason: str, admin: str) -> None:
        """Announce that the order has ended.

        It takes effect in every service, this one included, when the announcement is consumed. A repeated
        call announces the same. Raises OrderNotFound, NotRevocable.
        """
        async with self.engine.begin() as tx:
            locked = await refunds.locked_order(tx, order_id)
            order = await orders.by_id(tx, order_id)
            if locked is None or order is None:
                raise errors.OrderNotFound
            if locked.payment_intent_id is not None:
                raise errors.NotRevocable("The order was paid. Refund it; its access then ends.")
            if locked.state not in BOUGHT:
                raise errors.NotRevocable(f"The order is {locked.state}: it gives no access.")
            message = announcements.order_revoked(order, reason, admin, self.clock(), new_traceparent())
            await outbox.append_on_engine(tx, [message])
