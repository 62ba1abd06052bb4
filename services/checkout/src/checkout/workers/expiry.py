"""Gives up orders whose payment page was never made, so that they do not keep their buyers from ordering."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from checkout import announcements
from messaging.outbox import rows as outbox
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import run_periodically
from processkit.postgres.database import Database
from processkit.tracing import new_traceparent

log = structlog.stdlib.get_logger(__name__)

_CLOSE = """
with due as (
    select order_id from orders
     where state = 'open' and session_id is null and created_at < %(before)s
     order by created_at limit %(limit)s for update skip locked)
update orders o set state = 'expired', closed_at = %(now)s, closed_reason = 'session_never_created',
                    expired_at = %(now)s
  from due where o.order_id = due.order_id returning o.order_id, o.user_id"""


class Expiry:
    """Works every few seconds. Several may run: each skips what another holds."""

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
        run_periodically(
            lambda: self.once() >= self._chunk,
            stop,
            component=self._component,
            dependency="database",
            close=self._database.close,
            interval_seconds=self._interval,
        )

    def once(self) -> int:
        """Close one chunk of what is due; return how many orders that were."""
        now = self._clock()
        with self._database.transaction() as tx:
            rows = tx.execute(
                _CLOSE, {"before": now - self._lifetime, "now": now, "limit": self._chunk}
            ).fetchall()
            tx.execute(
                "update order_lines set holds = false where order_id = any(%s)", ([row[0] for row in rows],)
            )
            outbox.append(
                tx,
                [
                    announcements.order_expired(
                        order_id, user_id, None, "session_never_created", now, new_traceparent()
                    )
                    for order_id, user_id in rows
                ],
            )
        for order_id, _ in rows:
            log.warning("order given up: its payment page was never made", order_id=order_id)
        return len(rows)
