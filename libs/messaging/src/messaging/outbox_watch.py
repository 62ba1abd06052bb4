"""How much waits in the outbox, and for how long: seen by more than the relay that should publish it."""

import threading

from messaging import metrics
from messaging.database import Database
from messaging.health import RENEW_SECONDS, Health
from messaging.periodic import run_periodically

_BACKLOG = """
select (select count(*) from (select 1 from outbox limit 100001) as bounded),
       coalesce(extract(epoch from now() - (select created_at from outbox order by id limit 1)), 0)"""


class OutboxWatch:
    """Looks once a second, without the relays' lock: a relay that hangs or is not there hides nothing.

    Belongs beside every relay and into one more role. Several have the same figures.
    """

    def __init__(self, dsn: str, health: Health, *, interval_seconds: float = 1.0) -> None:
        self._database = Database(dsn, "outbox-watch", statement_timeout_seconds=20)
        self._component = health.component("outbox", RENEW_SECONDS)
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
            row = tx.execute(_BACKLOG).fetchone()
        assert row is not None
        metrics.OUTBOX_BACKLOG.set(row[0])
        metrics.OUTBOX_AGE.set(float(row[1]))
        return False
