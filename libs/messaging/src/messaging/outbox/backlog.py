"""Measures the outbox's backlog and its age, independently of the relay that should publish it."""

from messaging import metrics
from processkit.health import Health
from processkit.postgres.database import Session
from processkit.watch import Watch

_BACKLOG = """
select (select count(*) from (select 1 from outbox limit 100001) as bounded),
       coalesce(extract(epoch from now() - (select created_at from outbox order by id limit 1)), 0)"""


def outbox_watch(dsn: str, health: Health) -> Watch:
    """Return a watch that does not need the relay's lock, so that a hanging or missing relay is noticed.

    Run it beside every relay and in one more role.
    """
    return Watch("outbox", _count, dsn, health, interval_seconds=1.0, statement_timeout_seconds=20)


def _count(tx: Session) -> None:
    row = tx.execute(_BACKLOG).fetchone()
    assert row is not None
    metrics.OUTBOX_BACKLOG.set(row[0])
    metrics.OUTBOX_AGE.set(float(row[1]))
