"""What the refresher must reread from Stripe: sessions of gaps, and objects with a tie."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row, scalar_row

from processkit.postgres.database import Session

# Retried after 1, 2, 4, … minutes, at most 6 hours apart: the object may have changed by then.
_NEXT_GAP = """
select order_id, session_id, payment_intent_id from unfulfilled
 where paid_at <= %(before)s
   and (read_at is null
        or read_at + least(interval '6 hours', interval '1 minute' * power(2, least(reads, 10))) <= %(now)s)
   and (session_id is not null or payment_intent_id is not null)
   and order_id <> all(%(skipped)s) and reviewed_reason is distinct from reason
 order by read_at nulls first, paid_at limit 1"""
_GAP_READ = "update unfulfilled set read_at = %s, reads = reads + 1 where order_id = %s"
_NEXT_TIE = """
select object_id from rereads
 where read_at is null and object_id <> all(%(skipped)s) order by requested_at limit 1"""
_TIE_READ = "update rereads set read_at = %s, failure = %s where object_id = %s"
_PENDING = """
select count(*) as gaps,
       coalesce(extract(epoch from %(now)s - min(paid_at)), 0)::float8 as oldest_seconds,
       (select count(*) from rereads where read_at is null) as ties
  from unfulfilled where paid_at <= %(before)s and reviewed_reason is distinct from reason"""


@dataclass(frozen=True, slots=True)
class DueGap:
    """A paid order without a grant; at least one of the two other ids is known."""

    order_id: str
    session_id: str | None
    payment_intent_id: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """How many gaps there are, the age of the oldest payment among them, and how many ties wait."""

    gaps: int
    oldest_seconds: float
    ties: int


def next_gap(tx: Session, now: datetime, paid_before: datetime, skipped: Collection[str]) -> DueGap | None:
    """Return the next order whose session is due for a reread, without the orders in `skipped`."""
    with tx.cursor(row_factory=class_row(DueGap)) as cursor:
        parameters = {"now": now, "before": paid_before, "skipped": list(skipped)}
        return cursor.execute(_NEXT_GAP, parameters).fetchone()


def next_tie(tx: Session, skipped: Collection[str]) -> str | None:
    """Return the next object that is due for a reread because of a tie, without those in `skipped`."""
    with tx.cursor(row_factory=scalar_row) as cursor:
        found: str | None = cursor.execute(_NEXT_TIE, {"skipped": list(skipped)}).fetchone()
        return found


def gap_was_read(tx: Session, order_id: str, now: datetime) -> None:
    """Note that the session of the order was reread, or that Stripe does not have it."""
    tx.execute(_GAP_READ, (now, order_id))


def tie_was_read(tx: Session, object_id: str, now: datetime, failure: str | None) -> None:
    """Note that the object was reread, or why it cannot be."""
    tx.execute(_TIE_READ, (now, failure, object_id))


def pending(tx: Session, now: datetime, paid_before: datetime) -> Pending:
    """Count what waits for the refresher, and the gaps that it may not be able to close."""
    with tx.cursor(row_factory=class_row(Pending)) as cursor:
        found = cursor.execute(_PENDING, {"now": now, "before": paid_before}).fetchone()
    assert found is not None
    return found
