"""What waits and what was given up, for the operators."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from messaging.database import Database
from messaging.health import RENEW_SECONDS, Health
from messaging.periodic import run_periodically
from notifications import metrics, store


class BacklogWatch:
    """Keeps the metrics of what waits and what was given up, also when no sender gets through or none runs.

    Several may run: each has the same figures.
    """

    def __init__(
        self, dsn: str, health: Health, clock: Callable[[], datetime], *, interval_seconds: float = 5.0
    ) -> None:
        self._database = Database(dsn, "backlog")
        self._component = health.component("backlog", RENEW_SECONDS)
        self._clock = clock
        self._interval = interval_seconds

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        run_periodically(
            self.once,
            stop,
            database=self._database,
            component=self._component,
            interval_seconds=self._interval,
        )

    def once(self) -> bool:
        """Bring the figures up to date."""
        with self._database.transaction() as tx:
            waiting, oldest, failed = store.backlog(tx)
        metrics.PENDING.set(waiting)
        age = (self._clock() - oldest).total_seconds() if oldest else 0.0
        metrics.OLDEST_PENDING.set(max(age, 0.0))
        metrics.GIVEN_UP.set(failed)
        return False
