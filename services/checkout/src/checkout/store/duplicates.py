"""Announced duplicates and the refunds planned for them; workers/duplicate_refunds.py carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import func, literal, literal_column, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from checkout.domain.duplicates import Claim, Purchase
from checkout.domain.refunds import DROPPED, DUPLICATE, UNFINISHED
from checkout.store.refunds import is_unfinished
from checkout.store.tables import duplicates, order_lines, orders, refunds
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, upsert_newer
from schemas.events import DuplicateDetected, DuplicateWithdrawn

AUTOMATIC = "checkout"
"""`requested_by` of an automatic refund."""

NO_LONGER = "no_longer_duplicate"
"""The note of a planned refund that was dropped because its announcement was withdrawn."""

# A row whose order is its own first order is no duplicate. It remains, so that an older announcement that is
# delivered again changes nothing.
_COLUMNS = ("order_id", "course_id", "first_order_id", "user_id", "version", "detected_at")
_NOTE = upsert_newer(duplicates, _COLUMNS, "version") + " returning order_id, first_order_id"
# One row per order and reason. A dropped refund is decided again when the duplicate is announced again; one
# that an administrator has requested or reviewed is not changed.
_PLAN = """
insert into refunds (refund_id, order_id, reason, amount, currency, status, automatic, requested_by,
                     requested_at, next_try_at)
select 'ref_' || replace(gen_random_uuid()::text, '-', ''), order_id, %(reason)s,
       coalesce(amount_paid, amount_total), currency, 'planned', true, %(by)s, %(now)s, %(now)s
  from orders where order_id = any(%(orders)s) and amount_total > 0
on conflict (order_id, reason) do update
   set status = 'planned', note = null, tries = 0, requested_at = excluded.requested_at,
       next_try_at = excluded.next_try_at
 where refunds.automatic and refunds.status = 'dropped' and refunds.reviewed_at is null"""
# What was decided already, or an operator has taken over, is not changed.
_DROP = """
update refunds set status = 'dropped', note = %(note)s, next_try_at = null
 where order_id = any(%(orders)s) and reason = %(reason)s and automatic and status = 'planned'
   and not exists (select from duplicates
                    where duplicates.order_id = refunds.order_id and first_order_id <> duplicates.order_id)"""
_UNKNOWN = (
    "select given from unnest(%s::text[]) as given"
    " where not exists (select from orders where orders.order_id = given)"
)


def note(
    tx: Session, announced: Sequence[DuplicateDetected | DuplicateWithdrawn], now: datetime
) -> list[str]:
    """Record announcements of a version greater than the known one, and plan the refunds of these orders.

    The planned refund of an order that is no longer a duplicate is dropped. A repeat changes nothing. Returns
    the duplicates that are unknown here: no refund can be planned for them.
    """
    newest: dict[tuple[str, str], DuplicateDetected | DuplicateWithdrawn] = {}
    for each in announced:
        key = (each.order_id, each.course_id)
        if key not in newest or newest[key].version < each.version:
            newest[key] = each
    if not newest:
        return []
    # Sorted, so that two consumers lock rows in the same order.
    rows = [_row(newest[key]) for key in sorted(newest)]
    noted = tx.execute(_NOTE, columns_of(rows)).fetchall()
    doubled = sorted({order_id for order_id, first in noted if order_id != first})
    single = sorted({order_id for order_id, first in noted if order_id == first})
    tx.execute(_PLAN, {"reason": DUPLICATE, "by": AUTOMATIC, "now": now, "orders": doubled})
    tx.execute(_DROP, {"reason": DUPLICATE, "note": NO_LONGER, "orders": single})
    return [str(row[0]) for row in tx.execute(_UNKNOWN, (doubled,))]


def _row(announced: DuplicateDetected | DuplicateWithdrawn) -> tuple[object, ...]:
    """Return the values of `_COLUMNS`."""
    if isinstance(announced, DuplicateDetected):
        first, at = announced.first_order_id, announced.detected_at
    else:
        first, at = announced.order_id, announced.withdrawn_at
    return announced.order_id, announced.course_id, first, announced.user_id, announced.version, at


@dataclass(frozen=True, slots=True)
class Task:
    """An automatic refund that is due to be decided or carried out."""

    refund_id: str
    order_id: str
    status: str
    tries: int
    note: str | None


async def claim(tx: AsyncConnection, now: datetime, lease: timedelta) -> Task | None:
    """Claim the next task that is due. Other workers skip it until `lease` ends, also after a crash."""
    due = refunds.alias("due")
    next_due = (
        select(due.c.refund_id)
        .where(due.c.automatic, due.c.status.in_(UNFINISHED), due.c.next_try_at <= now)
        .order_by(due.c.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = await tx.execute(
        update(refunds)
        .where(refunds.c.refund_id == next_due)
        .values(next_try_at=now + lease, tries=refunds.c.tries + 1)
        .returning(*(refunds.c[field.name] for field in fields(Task)))
    )
    row = claimed.one_or_none()
    return Task(**row._asdict()) if row else None


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision about one order depends on. `lines`: id, course and the amount not refunded yet."""

    later: Purchase
    claims: tuple[Claim, ...]
    lines: tuple[tuple[str, str | None, int], ...]

    @property
    def courses(self) -> set[str]:
        """The courses that the order's lines open."""
        return {course for _, course, _ in self.lines if course is not None}

    @property
    def payments(self) -> dict[str, str]:
        """Return the payment intent of each order, by order id."""
        return {order.order_id: order.payment_intent_id for order in self._orders if order.payment_intent_id}

    @property
    def disputed(self) -> set[str]:
        """The orders of which a dispute is known."""
        return {order.order_id for order in self._orders if order.dispute is not None}

    @property
    def bought_twice(self) -> tuple[int, list[str]]:
        """Return what was paid for the duplicate lines, in minor units, and their ids."""
        claimed = {claim.course_id for claim in self.claims}
        lines = [(line_id, amount) for line_id, course, amount in self.lines if course in claimed]
        return sum(amount for _, amount in lines), [line_id for line_id, _ in lines]

    @property
    def _orders(self) -> list[Purchase]:
        return [self.later, *(claim.first for claim in self.claims if claim.first)]


async def situation(tx: AsyncConnection, task: Task, *, lock: bool) -> Situation:
    """Return the current state of the orders; with `lock`, it cannot change until the transaction ends."""
    of_order = (duplicates.c.order_id == task.order_id) & (
        duplicates.c.first_order_id != duplicates.c.order_id
    )
    concerned = union(
        select(literal(task.order_id)), select(duplicates.c.first_order_id).where(of_order)
    ).scalar_subquery()
    if lock:
        locked = select(orders.c.order_id).where(orders.c.order_id.in_(concerned))
        await tx.execute(locked.order_by(orders.c.order_id).with_for_update())
    others = func.array_agg(refunds.c.status).filter(refunds.c.refund_id != task.refund_id)
    purchases = (
        select(
            *(orders.c[field.name] for field in fields(Purchase) if field.name != "refunds"),
            func.coalesce(others, literal_column("'{}'::text[]")).label("refunds"),
        )
        .outerjoin_from(orders, refunds)
        .where(orders.c.order_id.in_(concerned))
        .group_by(orders.c.order_id)
    )
    found = {row.order_id: Purchase(**row._asdict()) for row in await tx.execute(purchases)}
    same_course = order_lines.c.course_id == duplicates.c.course_id
    claimed = (duplicates.c.course_id, duplicates.c.user_id, duplicates.c.first_order_id)
    claims = (
        select(*claimed, func.min(order_lines.c.access_days).filter(same_course))
        .outerjoin_from(duplicates, order_lines, order_lines.c.order_id == duplicates.c.first_order_id)
        .where(of_order)
        .group_by(*claimed)
        .order_by(duplicates.c.course_id)
    )
    paid = func.coalesce(order_lines.c.paid_amount, order_lines.c.list_amount - order_lines.c.discount_amount)
    lines = (
        select(order_lines.c.line_id, order_lines.c.course_id, paid - order_lines.c.amount_refunded)
        .where(order_lines.c.order_id == task.order_id)
        .order_by(order_lines.c.position)
    )
    return Situation(
        found[task.order_id],
        tuple(
            Claim(course_id, user_id, found.get(first), access_days)
            for course_id, user_id, first, access_days in await tx.execute(claims)
        ),
        tuple((line_id, course_id, left) for line_id, course_id, left in await tx.execute(lines)),
    )


async def put_off(tx: AsyncConnection, task: Task, note: str, until: datetime) -> None:
    """Postpone the task to `until`; `note` is the reason."""
    await tx.execute(
        update(refunds).where(is_unfinished(task.refund_id)).values(note=note, next_try_at=until)
    )


async def drop(tx: AsyncConnection, task: Task, note: str) -> bool:
    """Drop the refund: nothing is left to refund. False if it was already dropped or taken over."""
    dropped = await tx.execute(
        update(refunds)
        .where(is_unfinished(task.refund_id))
        .values(status=DROPPED, note=note, next_try_at=None)
    )
    return dropped.rowcount == 1
