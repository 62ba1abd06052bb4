"""Counts paid orders without a grant, and objects that wait for a reread from Stripe."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from processkit.metrics import Figure
from processkit.postgres.database import Session

GAPS = Figure(
    "enrollment_paid_not_enrolled",
    "Orders without a grant whose payment is older than allowed",
    roles=["clock"],
)
GAP_AGE = Figure(
    "enrollment_paid_not_enrolled_age_seconds", "Age of the oldest of those payments", roles=["clock"]
)
TIES_WAITING = Figure(
    "enrollment_rereads_waiting", "Objects that wait for a reread to settle a tie", roles=["clock"]
)

_COUNT = """
select count(*), coalesce(extract(epoch from %(now)s - min(paid_at)), 0) from unfulfilled
 where paid_at <= %(before)s"""
_WAITING = "select count(*) from rereads where read_at is null"


def count_gaps(tx: Session, now: datetime, gap_after: timedelta) -> None:
    """Set the figures. They do not depend on access to Stripe."""
    count, age = _row(tx, _COUNT, {"now": now, "before": now - gap_after})
    (waiting,) = _row(tx, _WAITING, {})
    GAPS.set(count)
    GAP_AGE.set(float(age))
    TIES_WAITING.set(waiting)


def _row(tx: Session, query: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = tx.execute(query, parameters).fetchone()
    assert row is not None
    return row
