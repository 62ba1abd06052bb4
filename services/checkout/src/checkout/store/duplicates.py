"""Announced duplicates and the refunds planned for them; workers/duplicate_refunds.py carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from checkout.domain.duplicates import Claim, Purchase
from checkout.domain.refunds import DUPLICATE
from checkout.store import tables
from processkit.postgres.database import Session
from processkit.postgres.statements import columns_of, upsert_newer
from schemas.events import DuplicateDetected

Tx = AsyncConnection[Any]
AUTOMATIC = "checkout"
"""`requested_by` of an automatic refund."""

_COLUMNS = tables.duplicates.c.keys()
_NOTE = upsert_newer(tables.duplicates, _COLUMNS, "version") + " returning order_id"
# One row per order and reason. A dropped refund is decided again when the duplicate is announced again; one
# that an administrator has taken over or reviewed is left alone.
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
_UNKNOWN = (
    "select given from unnest(%s::text[]) as given"
    " where not exists (select from orders where orders.order_id = given)"
)


def note(tx: Session, announced: Sequence[DuplicateDetected], now: datetime) -> list[str]:
    """Record announcements of a version greater than the known one, and plan the refunds of these orders.

    A repeat changes nothing. Returns the orders that are unknown here: no refund can be planned for them.
    """
    newest: dict[tuple[str, str], DuplicateDetected] = {}
    for each in announced:
        key = (each.order_id, each.course_id)
        if key not in newest or newest[key].version < each.version:
            newest[key] = each
    if not newest:
        return []
    # Sorted, so that two consumers lock rows in the same order.
    rows = [newest[key] for key in sorted(newest)]
    noted = tx.execute(_NOTE, columns_of(map(attrgetter(*_COLUMNS), rows))).fetchall()
    orders = sorted({str(row[0]) for row in noted})
    tx.execute(_PLAN, {"reason": DUPLICATE, "by": AUTOMATIC, "now": now, "orders": orders})
    return [str(row[0]) for row in tx.execute(_UNKNOWN, (orders,))]


@dataclass(frozen=True, slots=True)
class Task:
    """An automatic refund that is due to be decided or carried out."""

    refund_id: str
    order_id: str
    status: str
    tries: int
    note: str | None


_CLAIM = """
update refunds set next_try_at = %(until)s, tries = tries + 1
 where refund_id = (
    select refund_id from refunds
     where automatic and status in ('planned', 'requested', 'refused') and next_try_at <= %(now)s
     order by next_try_at limit 1 for update skip locked)
returning refund_id, order_id, status, tries, note"""


async def claim(tx: Tx, now: datetime, lease: timedelta) -> Task | None:
    """The next task that is due. No other worker gets it before `lease` ends; a crash does not lose it."""
    cursor = tx.cursor(row_factory=class_row(Task))
    await cursor.execute(_CLAIM, {"now": now, "until": now + lease})
    return await cursor.fetchone()


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
        """The payment of each order concerned, by order."""
        return {order.order_id: order.payment_intent_id for order in self._orders if order.payment_intent_id}

    @property
    def disputed(self) -> set[str]:
        """The orders of which a dispute is known."""
        return {order.order_id for order in self._orders if order.dispute is not None}

    @property
    def bought_twice(self) -> tuple[int, list[str]]:
        """What was paid for the lines that were bought a second time, in minor units, and their ids."""
        claimed = {claim.course_id for claim in self.claims}
        lines = [(line_id, amount) for line_id, course, amount in self.lines if course in claimed]
        return sum(amount for _, amount in lines), [line_id for line_id, _ in lines]

    @property
    def _orders(self) -> list[Purchase]:
        return [self.later, *(claim.first for claim in self.claims if claim.first)]


_CONCERNED = (
    "select order_id from duplicates where order_id = %(order)s"
    " union select first_order_id from duplicates where order_id = %(order)s"
)
_LOCK = f"select from orders where order_id in ({_CONCERNED}) order by order_id for update"
_PURCHASES = f"""
select o.order_id, o.user_id, o.state, o.paid_at, o.dispute, o.mismatch, o.payment_intent_id,
       o.refund_failed,
       coalesce(array_agg(r.status) filter (where r.refund_id <> %(refund)s), '{{}}') as refunds
  from orders o left join refunds r using (order_id)
 where o.order_id in ({_CONCERNED} union select %(order)s) group by o.order_id"""  # noqa: S608
_CLAIMS = """
select d.course_id, d.user_id, d.first_order_id, min(l.access_days) filter (where l.course_id = d.course_id)
  from duplicates d left join order_lines l on l.order_id = d.first_order_id
 where d.order_id = %s group by d.course_id, d.user_id, d.first_order_id order by d.course_id"""
_LINES = """
select line_id, course_id, coalesce(paid_amount, list_amount - discount_amount) - amount_refunded
  from order_lines
 where order_id = %s order by position"""


async def situation(tx: Tx, task: Task, *, lock: bool) -> Situation:
    """The present state of the orders; with `lock`, they keep it until the transaction ends."""
    names = {"order": task.order_id, "refund": task.refund_id}
    if lock:
        await tx.execute(_LOCK, names)
    purchases: dict[str, Purchase] = {}
    cursor = tx.cursor(row_factory=class_row(Purchase))
    async for purchase in await cursor.execute(_PURCHASES, names):
        purchases[purchase.order_id] = purchase
    claims = [
        Claim(course_id, user_id, purchases.get(first), access_days)
        async for course_id, user_id, first, access_days in await tx.execute(_CLAIMS, (task.order_id,))
    ]
    lines = [(row[0], row[1], row[2]) async for row in await tx.execute(_LINES, (task.order_id,))]
    return Situation(purchases[task.order_id], tuple(claims), tuple(lines))


async def put_off(tx: Tx, task: Task, note: str, until: datetime) -> None:
    """Look at the task again at `until`; `note` says what it waits for."""
    await tx.execute(
        "update refunds set note = %s, next_try_at = %s"
        " where refund_id = %s and automatic and status in ('planned', 'requested', 'refused')",
        (note, until, task.refund_id),
    )


async def drop(tx: Tx, task: Task, note: str) -> bool:
    """Drop the refund: nothing is left to refund. False if it was already dropped or taken over."""
    cursor = await tx.execute(
        "update refunds set status = 'dropped', note = %s, next_try_at = null"
        " where refund_id = %s and automatic and status in ('planned', 'requested', 'refused')",
        (note, task.refund_id),
    )
    return cursor.rowcount == 1
