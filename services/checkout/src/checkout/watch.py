"""Counts what wants a person, so that somebody is told."""

import threading
from collections.abc import Callable
from datetime import datetime

from checkout.store import attention
from messaging.database import Database
from messaging.figures import Figure
from messaging.health import RENEW_SECONDS, Health
from messaging.periodic import run_periodically

MISMATCHES = Figure("checkout_mismatches_open", "Payments that do not fit their order and wait for a person")
STUCK = Figure("checkout_refunds_stuck", "Refunds that do not come to an end, by status", ["status"])
HELD = Figure("checkout_duplicates_held", "Duplicate purchases that are not given back, and should have been")


class Watch:
    """Counts every few seconds. Several may run: each has the same figures."""

    def __init__(
        self, dsn: str, health: Health, clock: Callable[[], datetime], *, interval_seconds: float = 5.0
    ) -> None:
        self._database = Database(dsn, "checkout-watch")
        self._component = health.component("watch", RENEW_SECONDS)
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
            counted = attention.count(tx, self._clock())
        MISMATCHES.set(counted.get(("mismatch", None), 0))
        HELD.set(counted.get(("duplicate", None), 0))
        for status in attention.STUCK:
            STUCK.set(counted.get(("refund", status), 0), status)
        return False
