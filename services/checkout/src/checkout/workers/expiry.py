"""Closes orders whose payment page was never created, so that their buyers can order again."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from checkout import announcements
from checkout.store.expiry import close_without_page
from messaging.outbox import rows as outbox
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
from processkit.postgres.database import Database
from processkit.tracing import new_traceparent

log = structlog.stdlib.get_logger(__name__)


class Expiry:
    """Closes such orders every few seconds. Several may run: each skips rows that another has locked."""

    def __init__(
        self,
        dsn: str,
        health: Health,
        clock: Callable[[], datetime],
        lifetime: timedelta,
        *,
        interval_seconds: float = 5.0,
        chunk: int = 200,
    ) -> None:
        self._database = Database(dsn, "checkout-expiry")
        self._component = health.component("expiry", RENEW_SECONDS)
        self._clock = clock
        self._lifetime = lifetime
        self._interval = interval_seconds
        self._chunk = chunk

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        Loop(
            component=self._component,
            turn=lambda: self.once() >= self._chunk,
            idle_seconds=self._interval,
            describe="database: {}".format,
            close=[self._database.close],
        ).run(stop)

    def once(self) -> int:
        """Close one chunk of what is due; return how many orders that were."""
        now = self._clock()
        with self._database.transaction() as tx:
            closed = close_without_page(tx, now - self._lifetime, now, self._chunk)
            outbox.append(
                tx,
                [
                    announcements.order_expired(
                        order_id, user_id, None, "session_never_created", now, new_traceparent()
                    )
                    for order_id, user_id in closed
                ],
            )
        for order_id, _ in closed:
            log.warning("order expired: its payment page was never created", order_id=order_id)
        return len(closed)
