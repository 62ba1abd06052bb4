"""Counts paid orders without a grant, and objects that wait for a reread from Stripe."""

from __future__ import annotations

from datetime import datetime, timedelta

from enrollment.store import rereads as store
from processkit.metrics import Figure
from processkit.postgres.database import Session

GAPS = Figure(
    "enrollment_paid_not_enrolled",
    "Orders without a grant, paid more than PAID_NOT_ENROLLED_MINUTES ago",
    roles=["clock"],
)
GAP_AGE = Figure(
    "enrollment_paid_not_enrolled_age_seconds", "Age of the oldest of those payments", roles=["clock"]
)
TIES_WAITING = Figure(
    "enrollment_rereads_waiting", "Objects that wait for a reread to settle a tie", roles=["clock"]
)


def count_gaps(tx: Session, now: datetime, gap_after: timedelta) -> None:
    """Set the figures. They do not depend on access to Stripe."""
    pending = store.pending(tx, now, now - gap_after)
    GAPS.set(pending.gaps)
    GAP_AGE.set(pending.oldest_seconds)
    TIES_WAITING.set(pending.ties)
