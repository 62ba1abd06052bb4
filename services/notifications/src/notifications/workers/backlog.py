"""Measures pending and failed mails."""

from datetime import datetime

from notifications import metrics
from notifications.store import sending as store
from processkit.postgres.database import Session


def count_backlog(tx: Session, now: datetime) -> None:
    """Set the gauges of pending and failed mails. Works without a running sender."""
    pending, oldest, failed = store.backlog(tx)
    metrics.PENDING.set(pending)
    metrics.OLDEST_PENDING.set(max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)
    metrics.GIVEN_UP.set(failed)
