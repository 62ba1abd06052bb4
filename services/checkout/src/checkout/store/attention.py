"""What needs an operator: mismatched payments, stuck refunds, duplicates that are not refunded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from checkout import errors
from checkout.domain.refunds import REQUESTED
from processkit.postgres.database import Session

Tx = AsyncConnection[Any]

PATIENCE = {
    "unanswered": timedelta(hours=1),
    "bank": timedelta(days=7),
    "automatic": timedelta(minutes=15),
}
"""How long a refund may stay unanswered by Stripe (or refused), with a bank, or undecided here."""
STUCK = ("requested", "refused", "pending", "requires_action", "failed")

_OPEN = """
select 'mismatch' as kind, order_id as id, order_id, user_id, mismatch as reason,
       amount_total as amount, currency, created_at as since
  from orders where mismatch is not null and mismatch is distinct from reviewed_mismatch
union all
select case when automatic and status in ('planned', 'requested', 'refused')
            then 'duplicate' else 'refund' end,
       refund_id, order_id, user_id,
       case when automatic and status in ('planned', 'requested', 'refused')
            then coalesce(note, 'not_looked_at') else status end,
       refunds.amount, refunds.currency, requested_at
  from refunds join orders using (order_id)
 where status not in ('succeeded', 'canceled', 'dropped') and refunds.reviewed_at is null
   and requested_at <= %(now)s - case
       when status = 'failed' then interval '0'
       when status in ('pending', 'requires_action') then %(bank)s
       when automatic then %(automatic)s
       else %(unanswered)s end"""
_COUNT = (
    f"select kind, case when kind = 'refund' then reason end, count(*) from ({_OPEN}) as one group by 1, 2"  # noqa: S608
)
_PAGE = f"""
select * from ({_OPEN}) as one
 where %(after)s::timestamptz is null or (since, kind, id) > (%(after)s, %(kind)s, %(id)s)
 order by since, kind, id limit %(limit)s"""  # noqa: S608
_ONE = f"select * from ({_OPEN}) as one where kind = %(kind)s and id = %(id)s"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a person must look at; `amount` in minor units, `since` when it began."""

    kind: str
    id: str
    order_id: str
    user_id: str
    reason: str
    amount: int
    currency: str
    since: datetime


def count(tx: Session, now: datetime) -> dict[tuple[str, str | None], int]:
    """How many there are, by kind and, for refunds, by status."""
    rows = tx.execute(_COUNT, {"now": now, **PATIENCE}).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


async def page(tx: Tx, now: datetime, after: tuple[datetime, str, str] | None, limit: int) -> list[Item]:
    """The oldest first, beginning after the given place."""
    since, kind, id_ = after or (None, None, None)
    cursor = tx.cursor(row_factory=class_row(Item))
    await cursor.execute(
        _PAGE, {"now": now, "after": since, "kind": kind, "id": id_, "limit": limit, **PATIENCE}
    )
    return await cursor.fetchall()


async def review(tx: Tx, kind: str, id_: str, note: str, admin: str, now: datetime) -> Item | None:
    """Take an item off the list, and keep who did it and why; None if no such item is on it.

    A duplicate is then no longer refunded automatically. A mismatch that changes is listed again.
    Raises RefundUnanswered for a duplicate that Stripe may have refunded already.
    """
    # Orders are locked before their refunds, here as everywhere.
    await tx.execute(
        "select from orders where order_id = %(id)s"
        " or order_id = (select order_id from refunds where refund_id = %(id)s) for update",
        {"id": id_},
    )
    cursor = tx.cursor(row_factory=class_row(Item))
    await cursor.execute(_ONE, {"now": now, "kind": kind, "id": id_, **PATIENCE})
    item = await cursor.fetchone()
    if item is None:
        return None
    if kind == "duplicate":
        status = await tx.execute("select status from refunds where refund_id = %s for update", (id_,))
        if await status.fetchone() == (REQUESTED,):
            raise errors.RefundUnanswered
    if kind == "mismatch":
        await tx.execute(
            "update orders set reviewed_mismatch = mismatch, reviewed_at = %s, reviewed_by = %s,"
            " review_note = %s where order_id = %s",
            (now, admin, note, id_),
        )
    else:
        await tx.execute(
            "update refunds set reviewed_at = %s, reviewed_by = %s, review_note = %s,"
            " status = case when %s = 'duplicate' then 'dropped' else status end,"
            " note = case when %s = 'duplicate' then 'reviewed' else note end where refund_id = %s",
            (now, admin, note, kind, kind, id_),
        )
    return item
