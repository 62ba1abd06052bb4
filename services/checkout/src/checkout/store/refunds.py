"""Refunds that were requested here. Their outcome follows from Stripe's events (order_states.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from checkout.domain.refunds import REQUESTED, RefundRequest

Tx = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Refundable:
    """An order as a refund sees it: `amount` is what was paid, `promised` what is refunded or pending."""

    state: str
    amount: int
    currency: str
    payment_intent_id: str | None
    promised: int


_REFUNDABLE = """
select o.state, coalesce(o.amount_paid, o.amount_total) as amount, o.currency, o.payment_intent_id,
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
select r.refund_id, r.order_id, r.reason, r.amount, r.currency, r.status, r.attempt, o.payment_intent_id,
       r.line_ids
  from refunds r join orders o using (order_id)"""


async def find(tx: Tx, order_id: str, reason: str) -> RefundRequest | None:
    """The refund of this order for this reason."""
    return await _one(tx, "r.order_id = %s and r.reason = %s", order_id, reason)


async def by_id(tx: Tx, refund_id: str) -> RefundRequest | None:
    """The refund as it stands."""
    return await _one(tx, "r.refund_id = %s", refund_id)


async def _one(tx: Tx, condition: str, *parameters: str) -> RefundRequest | None:
    cursor = tx.cursor(row_factory=class_row(RefundRequest))
    await cursor.execute(f"{_REQUEST} where {condition}", parameters)
    return await cursor.fetchone()


async def insert(tx: Tx, request: RefundRequest, admin: str, now: datetime) -> None:
    """Record the request."""
    await tx.execute(
        "insert into refunds (refund_id, order_id, reason, amount, currency, requested_by, requested_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (request.refund_id, request.order_id, request.reason, request.amount, request.currency, admin, now),
    )


async def retry(tx: Tx, request: RefundRequest, amount: int, admin: str, now: datetime) -> RefundRequest:
    """Request again, with a new key, what was refused, failed or planned. The administrator owns it now."""
    await tx.execute(
        "update refunds set amount = %s, status = 'requested', attempt = attempt + 1,"
        " stripe_refund_id = null, line_ids = '{}', requested_by = %s, requested_at = %s,"
        " automatic = false, note = null, next_try_at = null,"
        " reviewed_at = null, reviewed_by = null, review_note = null where refund_id = %s",
        (amount, admin, now, request.refund_id),
    )
    return replace(request, amount=amount, status=REQUESTED, attempt=request.attempt + 1, line_ids=())


async def begin(tx: Tx, refund_id: str, amount: int, line_ids: Sequence[str]) -> RefundRequest | None:
    """Commit to an automatic refund: it counts as promised from now on. None if it is not
    automatic any more. The key stays the same unless Stripe refused it."""
    cursor = await tx.execute(
        "update refunds set status = 'requested', amount = %s, line_ids = %s, note = null,"
        " attempt = attempt + case when status = 'refused' then 1 else 0 end"
        " where refund_id = %s and automatic and status in ('planned', 'requested', 'refused')",
        (amount, list(line_ids), refund_id),
    )
    return await by_id(tx, refund_id) if cursor.rowcount else None


async def refused(tx: Tx, request: RefundRequest, code: str | None) -> None:
    """Record that Stripe refused this attempt, with its code."""
    await tx.execute(
        "update refunds set status = 'refused', note = %s"
        " where refund_id = %s and attempt = %s and status = 'requested'",
        (code, request.refund_id, request.attempt),
    )


async def answered(tx: Tx, request: RefundRequest, stripe_refund_id: str, status: str, amount: int) -> str:
    """Record Stripe's answer and return the status; an event that arrived before takes precedence.

    It is watched from now on, also if an operator reviewed it while the answer was pending.
    """
    cursor = await tx.execute(
        """
update refunds set stripe_refund_id = %(id)s, amount = %(amount)s, note = null, next_try_at = null,
       reviewed_at = null,
       status = coalesce((select e.status from events e
                           where e.payment_intent_id = %(payment)s and e.object_id = %(id)s
                           order by e.created desc, e.rank desc, e.event_id desc limit 1), %(status)s)
 where refund_id = %(refund)s and attempt = %(attempt)s returning status""",
        {
            "id": stripe_refund_id,
            "status": status,
            "amount": amount,
            "payment": request.payment_intent_id,
            "refund": request.refund_id,
            "attempt": request.attempt,
        },
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else status
