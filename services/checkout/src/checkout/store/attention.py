"""What needs an operator: mismatched payments, orders and disputes that wait too long, stuck refunds, and
duplicates that are not refunded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    DateTime,
    Select,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout import errors
from checkout.domain.attention import (
    DISPUTE_OVERDUE,
    LISTED_AGAIN,
    NOT_LOOKED_AT,
    PAGE_OVERDUE,
    PAYMENT_OVERDUE,
    UNANSWERED,
    UNDECIDED,
    WITH_THE_BANK,
)
from checkout.domain.order_state import State
from checkout.domain.refunds import ANSWERED_LATER, DROPPED, ENDED, REQUESTED, UNFINISHED
from checkout.store import waiting
from checkout.store.tables import orders, refunds
from processkit.postgres.database import Session
from processkit.postgres.statements import for_psycopg


@dataclass(frozen=True, slots=True)
class Item:
    """Something that an operator must look at; `amount` in minor units, `since` when it began."""

    kind: str
    id: str
    order_id: str
    user_id: str
    reason: str
    amount: int
    currency: str
    since: datetime


_NOW = bindparam("now", type_=DateTime(timezone=True))


def _items() -> Subquery:
    mismatches = select(
        literal("mismatch").label("kind"),
        orders.c.order_id.label("id"),
        orders.c.order_id,
        orders.c.user_id,
        orders.c.mismatch.label("reason"),
        orders.c.amount_total.label("amount"),
        orders.c.currency,
        orders.c.created_at.label("since"),
    ).where(
        orders.c.mismatch.is_not(None),
        orders.c.mismatch.is_distinct_from(orders.c.reviewed_mismatch),
    )
    undecided = refunds.c.automatic & refunds.c.status.in_(UNFINISHED)
    patience = case(
        (refunds.c.status == "failed", timedelta()),
        (refunds.c.status.in_(ANSWERED_LATER), WITH_THE_BANK),
        (refunds.c.automatic, UNDECIDED),
        else_=UNANSWERED,
    )
    stuck = (
        select(
            case((undecided, "duplicate"), else_="refund"),
            refunds.c.refund_id,
            refunds.c.order_id,
            orders.c.user_id,
            case((undecided, func.coalesce(refunds.c.note, NOT_LOOKED_AT)), else_=refunds.c.status),
            refunds.c.amount,
            refunds.c.currency,
            refunds.c.requested_at,
        )
        .join_from(refunds, orders)
        .where(
            refunds.c.status.not_in(ENDED),
            refunds.c.reviewed_at.is_(None),
            refunds.c.requested_at <= _NOW - patience,
        )
    )
    return union_all(mismatches, *_waiting(), stuck).subquery("items")


def _waiting() -> tuple[Select[Any], Select[Any]]:
    """Orders whose payment page or payment, or whose dispute, should have ended long ago."""
    columns = (orders.c.order_id, orders.c.order_id, orders.c.user_id)
    price = (orders.c.amount_total, orders.c.currency)
    not_reviewed = orders.c.wait_reviewed_at.is_(None) | (orders.c.wait_reviewed_at <= _NOW - LISTED_AGAIN)
    overdue = case((orders.c.state == State.OPEN, PAGE_OVERDUE), else_=PAYMENT_OVERDUE)
    payments = select(literal("waiting"), *columns, orders.c.state, *price, waiting.PAYMENT_SINCE).where(
        waiting.FOR_PAYMENT, _NOW - overdue >= waiting.PAYMENT_SINCE, not_reviewed
    )
    disputes = select(literal("dispute"), *columns, orders.c.dispute, *price, waiting.DISPUTE_SINCE).where(
        waiting.FOR_DISPUTE, _NOW - DISPUTE_OVERDUE >= waiting.DISPUTE_SINCE, not_reviewed
    )
    return payments, disputes


_ITEMS = _items()


def _counts() -> Select[Any]:
    status = case((_ITEMS.c.kind == "refund", _ITEMS.c.reason), else_=null()).label("status")
    kinds = select(_ITEMS.c.kind, status).subquery("kinds")
    return select(kinds.c.kind, kinds.c.status, func.count()).group_by(kinds.c.kind, kinds.c.status)


_COUNTS = _counts()


def count(tx: Session, now: datetime) -> dict[tuple[str, str | None], int]:
    """How many there are, by kind and, for refunds, by status."""
    rows = tx.execute(*for_psycopg(_COUNTS, now=now)).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


async def page(
    tx: AsyncConnection, now: datetime, after: tuple[datetime, str, str] | None, limit: int
) -> list[Item]:
    """The oldest first, beginning after the given place."""
    place = (_ITEMS.c.since, _ITEMS.c.kind, _ITEMS.c.id)
    query = select(_ITEMS).order_by(*place).limit(limit)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return [Item(**row._asdict()) for row in await tx.execute(query, {"now": now})]


async def review(
    tx: AsyncConnection, kind: str, id_: str, note: str, admin: str, now: datetime
) -> Item | None:
    """Mark an item as reviewed, with who did it and why; return it, or None if it is not listed.

    A reviewed duplicate is no longer refunded automatically. A mismatch that changes is listed again, and an
    order that still waits after a month.
    Raises RefundUnanswered for a duplicate that Stripe may have refunded already.
    """
    # Orders are locked before their refunds, here as everywhere.
    of_refund = select(refunds.c.order_id).where(refunds.c.refund_id == id_).scalar_subquery()
    locked = select(orders.c.order_id).where(or_(orders.c.order_id == id_, orders.c.order_id == of_refund))
    await tx.execute(locked.with_for_update(of=orders))
    this_item = select(_ITEMS).where(_ITEMS.c.kind == kind, _ITEMS.c.id == id_)
    row = (await tx.execute(this_item, {"now": now})).one_or_none()
    if row is None:
        return None
    reviewed = {"reviewed_at": now, "reviewed_by": admin, "review_note": note}
    this_refund = refunds.c.refund_id == id_
    if kind == "mismatch":
        await tx.execute(
            update(orders)
            .where(orders.c.order_id == id_)
            .values(reviewed_mismatch=orders.c.mismatch, **reviewed)
        )
    elif kind in ("waiting", "dispute"):
        await tx.execute(
            update(orders)
            .where(orders.c.order_id == id_)
            .values(wait_reviewed_at=now, reviewed_by=admin, review_note=note)
        )
    elif kind == "duplicate":
        status = await tx.scalar(select(refunds.c.status).where(this_refund).with_for_update())
        if status == REQUESTED:
            raise errors.RefundUnanswered
        await tx.execute(
            update(refunds).where(this_refund).values(status=DROPPED, note="reviewed", **reviewed)
        )
    else:
        await tx.execute(update(refunds).where(this_refund).values(**reviewed))
    return Item(**row._asdict())
