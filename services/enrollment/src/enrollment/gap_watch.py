"""Counts who paid and is not enrolled, and what waits to be read again from Stripe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from messaging.database import Database
from messaging.figures import Figure
from messaging.handler import Session
from messaging.health import RENEW_SECONDS, Health
from messaging.periodic import run_periodically

GAPS = Figure("enrollment_paid_not_enrolled", "Orders paid for longer ago than allowed that grant nothing")
GAP_AGE = Figure("enrollment_paid_not_enrolled_age_seconds", "Age of the oldest of those payments")
TIES_WAITING = Figure("enrollment_rereads_waiting", "Objects to be read again to settle a tie")

_COUNT = """
select count(*), coalesce(extract(epoch from %(now)s - min(paid_at)), 0) from unfulfilled
 where paid_at <= %(before)s"""
_WAITING = "select count(*) from rereads where read_at is null"


class GapWatch:
    """Counts every few seconds, whether or not anything can be read from Stripe.

    Several may run: each has the same figures.
    """

    def __init__(
        self,
        dsn: str,
        health: Health,
        clock: Callable[[], datetime],
        *,
        gap_after: timedelta,
        interval_seconds: float = 5.0,
    ) -> None:
        self._database = Database(dsn, "gap-watch")
        self._component = health.component("gaps", RENEW_SECONDS)
        self._clock = clock
        self._gap_after = gap_after
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
        now = self._clock()
        with self._database.transaction() as tx:
            count, age = _row(tx, _COUNT, {"now": now, "before": now - self._gap_after})
            (waiting,) = _row(tx, _WAITING, {})
        GAPS.set(count)
        GAP_AGE.set(float(age))
        TIES_WAITING.set(waiting)
        return False


def _row(tx: Session, query: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = tx.execute(query, parameters).fetchone()
    assert row is not None
    return row
