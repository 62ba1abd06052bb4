"""What waits and what was given up, for the operators."""

from datetime import datetime

from notifications import metrics
from notifications.store import outgoing as store
from processkit.postgres.database import Session


def count_backlog(tx: Session, now: datetime) -> None:
    """Set the figures of what waits and what was given up, also when no sender gets through or none runs."""
    waiting, oldest, failed = store.backlog(tx)
    metrics.PENDING.set(waiting)
    metrics.OLDEST_PENDING.set(max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)
    metrics.GIVEN_UP.set(failed)
