"""What waits and what was given up, for the operators."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from messaging.database import Database
from messaging.errors import Kind, classify
from notifications import metrics, store

log = structlog.stdlib.get_logger(__name__)


class BacklogWatch:
    """Keeps the metrics of what waits and what was given up, also when no sender gets through."""

    def __init__(self, dsn: str, clock: Callable[[], datetime], interval_seconds: float = 5.0) -> None:
        self._database = Database(dsn, "backlog")
        self._clock = clock
        self._interval = interval_seconds

    def run(self, stop: threading.Event) -> None:
        """Observes until `stop` is set."""
        try:
            while not stop.is_set():
                try:
                    with self._database.transaction() as tx:
                        waiting, oldest, failed = store.backlog(tx)
                except Exception as error:
                    if classify(error) not in (Kind.TRANSIENT, Kind.CONFLICT):
                        raise
                    log.warning("the backlog of mails cannot be read", error=str(error)[:300])
                else:
                    metrics.PENDING.set(waiting)
                    age = (self._clock() - oldest).total_seconds() if oldest else 0.0
                    metrics.OLDEST_PENDING.set(max(age, 0.0))
                    metrics.GIVEN_UP.set(failed)
                stop.wait(self._interval)
        finally:
            self._database.close()
