"""Orders that wait for Stripe: for the end of a payment page, a payment on its way, or an open dispute.

Their events may have been lost, so after a while Stripe is asked what became of them.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, and_, case, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.domain.order_state import State
from checkout.store.tables import events, orders
from processkit.postgres.tables import TIME
from schemas.rules import ENDED_DISPUTES

FOR_PAYMENT = or_(
    and_(orders.c.state == State.PROCESSING, orders.c.mismatch.is_(None)),
    and_(orders.c.state == State.OPEN, orders.c.session_id.is_not(None)),
)
"""The condition that an order waits for its payment page to end, or for a payment on its way."""
PAYMENT_SINCE = case((orders.c.state == State.OPEN, orders.c.session_expires_at), else_=orders.c.created_at)
"""When the wait for the payment began; an open order is overdue once its page has expired."""

FOR_DISPUTE = orders.c.dispute.is_not(None) & orders.c.dispute.not_in(sorted(ENDED_DISPUTES))
"""The condition that a dispute of the order's payment is open."""
DISPUTE_SINCE = (
    select(func.to_timestamp(cast(func.min(events.c.created), BigInteger) / 1_000_000, type_=TIME))
    .where(
        events.c.payment_intent_id == orders.c.payment_intent_id,
        events.c.type.startswith("charge.dispute."),
    )
    .correlate(orders)
    .scalar_subquery()
)
"""When the first event about a dispute of the payment was created."""


@dataclass(frozen=True, slots=True)
class Due:
    """An order about which Stripe is asked. Its page, its payment and its disputes are read."""

    order_id: str
    session_id: str
    dispute: str | None


async def claim(tx: AsyncConnection, now: datetime, patience: timedelta, lease: timedelta) -> Due | None:
    """Claim the next order that has waited for longer than `patience` and was not read again since.

    Other workers skip it until `lease` ends, also after a crash.
    """
    overdue = now - patience >= PAYMENT_SINCE
    waits = or_(and_(FOR_PAYMENT, overdue), FOR_DISPUTE)
    next_due = (
        select(orders.c.order_id)
        .where(
            waits,
            orders.c.session_id.is_not(None),
            func.coalesce(orders.c.next_reread_at, orders.c.created_at + patience) <= now,
        )
        .order_by(orders.c.next_reread_at.nulls_first(), orders.c.order_id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(None)
        .scalar_subquery()
    )
    claimed = await tx.execute(
        update(orders)
        .where(orders.c.order_id == next_due)
        .values(next_reread_at=now + lease)
        .returning(*(orders.c[field.name] for field in fields(Due)))
    )
    row = claimed.one_or_none()
    return Due(**row._asdict()) if row else None


async def was_read(tx: AsyncConnection, order_id: str, again_at: datetime) -> None:
    """Record that Stripe was asked, and when it is asked again if the order still waits then."""
    await tx.execute(update(orders).where(orders.c.order_id == order_id).values(next_reread_at=again_at))
