"""Refunds that were asked for here. What became of them, Stripe's events say (standings.py)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

Tx = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A refund that was asked for; `status` is requested, refused, or what Stripe says of it."""

    refund_id: str
    order_id: str
    reason: str
    amount: int
    currency: str
    status: str
    attempt: int
    payment_intent_id: str


@dataclass(frozen=True, slots=True)
class Refundable:
    """An order as a refund sees it; `promised` is what went back or is on its way, in minor units."""

    state: str
    amount: int
    currency: str
    payment_intent_id: str | None
    promised: int


_REFUNDABLE = """
select o.state, o.amount_total as amount, o.currency, o.payment_intent_id,
       (o.amount_refunded + coalesce(sum(r.amount), 0))::bigint as promised
  from orders o
  left join refunds r on r.order_id = o.order_id and (
       r.status in ('requested', 'pending', 'requires_action')
       or r.status = 'succeeded' and not exists (
          select from events e where e.payment_intent_id = o.payment_intent_id
             and e.object_id = r.stripe_refund_id and e.status = 'succeeded'))
 where o.order_id = %s group by o.order_id"""


async def locked_order(tx: Tx, order_id: str) -> Refundable | None:
    """The order, locked: two refunds of one order are looked at one after the other."""
    await tx.execute("select from orders where order_id = %s for update", (order_id,))
    # A later statement, so that it sees what the refund before committed. A refund made in Stripe's dashboard
    # is in amount_refunded only; ours is in refunds only until its event has come back.
    cursor = tx.cursor(row_factory=class_row(Refundable))
    await cursor.execute(_REFUNDABLE, (order_id,))
    return await cursor.fetchone()


_REQUEST = """
select r.refund_id, r.order_id, r.reason, r.amount, r.currency, r.status, r.attempt, o.payment_intent_id
  from refunds r join orders o using (order_id)"""


async def find(tx: Tx, order_id: str, reason: str) -> Request | None:
    """The refund of this order for this reason."""
    cursor = tx.cursor(row_factory=class_row(Request))
    await cursor.execute(f"{_REQUEST} where r.order_id = %s and r.reason = %s", (order_id, reason))
    return await cursor.fetchone()


async def insert(tx: Tx, request: Request, admin: str, now: datetime) -> None:
    """Write the request down."""
    await tx.execute(
        "insert into refunds (refund_id, order_id, reason, amount, currency, requested_by, requested_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (request.refund_id, request.order_id, request.reason, request.amount, request.currency, admin, now),
    )


async def retry(tx: Tx, request: Request, amount: int, admin: str, now: datetime) -> Request:
    """Ask again, with a new key, for what was refused or failed."""
    await tx.execute(
        "update refunds set amount = %s, status = 'requested', attempt = attempt + 1,"
        " stripe_refund_id = null, requested_by = %s, requested_at = %s where refund_id = %s",
        (amount, admin, now, request.refund_id),
    )
    return replace(request, amount=amount, status="requested", attempt=request.attempt + 1)


async def refused(tx: Tx, request: Request) -> None:
    """Stripe said no to this attempt."""
    await tx.execute(
        "update refunds set status = 'refused'"
        " where refund_id = %s and attempt = %s and status = 'requested'",
        (request.refund_id, request.attempt),
    )


async def answered(tx: Tx, request: Request, stripe_refund_id: str, status: str) -> str:
    """Keep Stripe's answer and return the status; an event that came first has the last word."""
    cursor = await tx.execute(
        """
update refunds set stripe_refund_id = %(id)s,
       status = coalesce((select e.status from events e
                           where e.payment_intent_id = %(payment)s and e.object_id = %(id)s
                           order by e.created desc, e.rank desc, e.event_id desc limit 1), %(status)s)
 where refund_id = %(refund)s and attempt = %(attempt)s returning status""",
        {
            "id": stripe_refund_id,
            "status": status,
            "payment": request.payment_intent_id,
            "refund": request.refund_id,
            "attempt": request.attempt,
        },
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else status
