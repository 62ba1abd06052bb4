"""Refunds that were requested here. Their outcome follows from Stripe's events (order_states.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.domain import group_events, promised_amount
from checkout.domain.refunds import (
    PROMISED,
    REFUSED,
    REQUESTED,
    SUCCEEDED,
    UNFINISHED,
    RefundRequest,
    Reserved,
)
from checkout.store.event_set import EVENTS, FOLLOW, OWNER
from checkout.store.tables import events, orders, refunds
from messaging.eventset.event import chronological
from processkit.postgres.reading import read_on_engine


@dataclass(frozen=True, slots=True)
class Refundable:
    """What a refund needs to know of an order. `promised`: the amount that is refunded, pending or
    disputed."""

    state: str
    amount: int
    currency: str
    payment_intent_id: str | None
    promised: int


_PAID = select(
    orders.c.state,
    func.coalesce(orders.c.amount_paid, orders.c.amount_total).label("amount"),
    orders.c.currency,
    orders.c.payment_intent_id,
)
_RESERVED = select(refunds.c.refund_id, refunds.c.stripe_refund_id, refunds.c.amount, refunds.c.requested_at)


async def locked_order(tx: AsyncConnection, order_id: str) -> Refundable | None:
    """Lock the order and return it, so that two refunds of one order run one after the other.

    What is promised is counted from the recorded events, since they may not be derived yet.
    """
    await tx.execute(select(orders.c.order_id).where(orders.c.order_id == order_id).with_for_update())
    # Later statements, so that they see what the refund before committed.
    row = (await tx.execute(_PAID.where(orders.c.order_id == order_id))).one_or_none()
    if row is None:
        return None
    reserved = await tx.execute(
        _RESERVED.where(refunds.c.order_id == order_id, refunds.c.status.in_(PROMISED | {SUCCEEDED}))
    )
    events = await read_on_engine(
        tx, lambda session: EVENTS.load(session, [order_id], owner=OWNER, follow=FOLLOW)[order_id]
    )
    requests = [Reserved(**each._asdict()) for each in reserved]
    promised = promised_amount(
        group_events(chronological(events)), row.payment_intent_id, row.currency, row.amount, requests
    )
    return Refundable(**row._asdict(), promised=promised)


_REQUESTS = select(
    *(
        refunds.c[field.name]
        for field in fields(RefundRequest)
        if field.name not in ("payment_intent_id", "reason")
    ),
    func.coalesce(refunds.c.stated_reason, refunds.c.reason).label("reason"),
    orders.c.payment_intent_id,
).join_from(refunds, orders)


async def find(tx: AsyncConnection, order_id: str, key: str) -> RefundRequest | None:
    """The refund of this order that was requested by this key."""
    return await _one(tx, refunds.c.order_id == order_id, refunds.c.reason == key)


async def by_id(tx: AsyncConnection, refund_id: str) -> RefundRequest | None:
    """Return the refund in its current state."""
    return await _one(tx, refunds.c.refund_id == refund_id)


async def _one(tx: AsyncConnection, *conditions: ColumnElement[bool]) -> RefundRequest | None:
    row = (await tx.execute(_REQUESTS.where(*conditions))).one_or_none()
    return RefundRequest(**row._asdict()) if row else None


async def insert_request(
    tx: AsyncConnection, request: RefundRequest, key: str, admin: str, now: datetime
) -> None:
    """Record the request. Its key is its reason, or an Idempotency-Key."""
    await tx.execute(
        insert(refunds).values(
            refund_id=request.refund_id,
            order_id=request.order_id,
            reason=key,
            stated_reason=None if key == request.reason else request.reason,
            amount=request.amount,
            currency=request.currency,
            requested_by=admin,
            requested_at=now,
        )
    )


async def retry(
    tx: AsyncConnection, request: RefundRequest, amount: int, admin: str, now: datetime
) -> RefundRequest:
    """Request a refused, failed or planned refund again, with a new key. It is no longer automatic."""
    await tx.execute(
        update(refunds)
        .where(refunds.c.refund_id == request.refund_id)
        .values(
            amount=amount,
            status=REQUESTED,
            attempt=refunds.c.attempt + 1,
            stripe_refund_id=None,
            line_ids=[],
            requested_by=admin,
            requested_at=now,
            automatic=False,
            note=None,
            next_try_at=None,
            reviewed_at=None,
            reviewed_by=None,
            review_note=None,
        )
    )
    return replace(request, amount=amount, status=REQUESTED, attempt=request.attempt + 1, line_ids=())


def is_unfinished(refund_id: str) -> ColumnElement[bool]:
    """The condition that the refund is automatic, and still to be carried out."""
    return (refunds.c.refund_id == refund_id) & refunds.c.automatic & refunds.c.status.in_(UNFINISHED)


async def begin(
    tx: AsyncConnection, refund_id: str, amount: int, line_ids: Sequence[str]
) -> RefundRequest | None:
    """Mark an automatic refund as requested, so that its amount counts as promised. None if it is no longer
    automatic. The idempotency key stays the same unless Stripe refused it."""
    begun = await tx.execute(
        update(refunds)
        .where(is_unfinished(refund_id))
        .values(
            status=REQUESTED,
            amount=amount,
            line_ids=list(line_ids),
            note=None,
            attempt=refunds.c.attempt + case((refunds.c.status == REFUSED, 1), else_=0),
        )
    )
    return await by_id(tx, refund_id) if begun.rowcount else None


async def refused(tx: AsyncConnection, request: RefundRequest, code: str | None) -> None:
    """Record that Stripe refused this attempt, with its code."""
    await tx.execute(
        update(refunds)
        .where(
            refunds.c.refund_id == request.refund_id,
            refunds.c.attempt == request.attempt,
            refunds.c.status == REQUESTED,
        )
        .values(status=REFUSED, note=code)
    )


async def answered(
    tx: AsyncConnection, request: RefundRequest, stripe_refund_id: str, status: str, amount: int
) -> str:
    """Record Stripe's answer and return the status; an event that arrived before takes precedence.

    This ends an operator's review: the refund is listed again if it does not complete.
    """
    newest = (
        select(events.c.status)
        .where(
            events.c.payment_intent_id == request.payment_intent_id,
            events.c.object_id == stripe_refund_id,
        )
        .order_by(events.c.created.desc(), events.c.rank.desc(), events.c.event_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    recorded = await tx.execute(
        update(refunds)
        .where(refunds.c.refund_id == request.refund_id, refunds.c.attempt == request.attempt)
        .values(
            stripe_refund_id=stripe_refund_id,
            amount=amount,
            note=None,
            next_try_at=None,
            reviewed_at=None,
            status=func.coalesce(newest, status),
        )
        .returning(refunds.c.status)
    )
    return recorded.scalar_one_or_none() or status
