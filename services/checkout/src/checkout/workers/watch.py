"""Counts what needs an operator, for alerts."""

from datetime import datetime

from checkout.domain.attention import STUCK as STATUSES
from checkout.store import attention
from processkit.metrics import Figure
from processkit.postgres.database import Session

MISMATCHES = Figure(
    "checkout_mismatches_open", "Payments that do not match their order and need an operator", roles=["clock"]
)
WAITING = Figure(
    "checkout_waiting_overdue",
    "Orders whose payment or dispute should have ended long ago, by kind: waiting or dispute",
    ["kind"],
    roles=["clock"],
)
STUCK = Figure(
    "checkout_refunds_stuck",
    "Refunds that have not completed in time, by status",
    ["status"],
    roles=["clock"],
)
HELD = Figure(
    "checkout_duplicates_held",
    "Duplicate purchases whose refund is overdue",
    roles=["clock"],
)


def count_attention(tx: Session, now: datetime) -> None:
    """Set the metrics of what needs an operator at `now`."""
    counted = attention.count(tx, now)
    MISMATCHES.set(counted.get(("mismatch", None), 0))
    HELD.set(counted.get(("duplicate", None), 0))
    for kind in ("waiting", "dispute"):
        WAITING.set(counted.get((kind, None), 0), kind)
    for status in STATUSES:
        STUCK.set(counted.get(("refund", status), 0), status)
