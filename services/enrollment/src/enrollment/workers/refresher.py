"""Rereads objects from Stripe where the events are not enough, and publishes them to `stripe.rereads`.

There are two reasons: a paid order has no grant (the event of the session was lost), or two events of one
second could not be ordered. A reread is recorded like any other event, and any event of a later second
overrides it. This worker changes no grant.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from enrollment.clients import Reading, StripeReader
from enrollment.errors import KeyRefused, NotReadable, StripeUnavailable
from enrollment.store import rereads as store
from messaging.outbox import rows as outbox
from messaging.rereads import reread_message
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
from processkit.postgres.database import Database, Session
from schemas.topics import STRIPE_REREADS

log = structlog.stdlib.get_logger(__name__)

# Outcomes: read; absent, which is final; refused, when Stripe refuses the key, and the object is read later.
REREADS = Counter("enrollment_rereads_total", "Objects reread from Stripe", ["reason", "outcome"])
for _reason in ("gap", "tie"):
    REREADS.labels(_reason, "refused")


class Refresher:
    """Rereads at most one object per `pace`, and none without a reader. watch.py counts what is pending.

    Several refreshers may run: a second reread of the same second is the same event.
    """

    def __init__(
        self,
        dsn: str,
        reader: StripeReader | None,
        health: Health,
        clock: Callable[[], datetime],
        *,
        gap_after: timedelta,
        pace: timedelta = timedelta(seconds=0.5),
        idle: timedelta = timedelta(seconds=5),
    ) -> None:
        self._database = Database(dsn, "refresher")
        self._reader = reader
        self._component = health.component("refresher", RENEW_SECONDS)
        self._clock = clock
        self._gap_after = gap_after
        self._pace = pace.total_seconds()
        self._idle = idle.total_seconds()
        # Orders and objects for which Stripe failed: they are retried after everything else was read.
        self._unanswered: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        Loop(
            component=self._component,
            turn=self.once,
            idle_seconds=self._idle,
            busy_seconds=self._pace,
            turn_reports=True,
            describe="database: {}".format,
            close=[self._database.close],
        ).run(stop)

    def once(self) -> bool:
        """Reread one object and report to health; return whether another may be due now.

        Raises psycopg.OperationalError while the database is unavailable.
        """
        try:
            more = self.reread_one()
        except KeyRefused as error:
            log.error("Stripe refuses the read key", error=str(error))
            self._component.down(
                f"STRIPE_READ_KEY is refused: {error}. Fix its permissions, or set another key"[:200]
            )
            return False
        except StripeUnavailable as error:
            # The worker stays ready while Stripe is unavailable: nothing else depends on it.
            log.warning("Stripe does not answer; rereads are retried", error=str(error))
            more = False
        self._component.up()
        return more

    def reread_one(self) -> bool:
        """Reread one object if any is due; return whether one was.

        Raises KeyRefused, and StripeUnavailable if Stripe does not answer. The object then stays due, after
        all others, so that an object that Stripe cannot return does not block the rest.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            gap, tie = self._due(tx, now)
            if gap is None and tie is None and self._unanswered:
                self._unanswered.clear()
                gap, tie = self._due(tx, now)
        reader = self._reader
        if reader is None:
            return False
        if gap is not None:
            order_id = gap.order_id
            reading, failure = self._attempt("gap", order_id, lambda: _session_of(reader, gap))
            self._finish("gap", reading, failure, lambda tx: store.gap_was_read(tx, order_id, now))
        elif tie is not None:
            reading, failure = self._attempt("tie", tie, lambda: reader.read(tie))
            self._finish("tie", reading, failure, lambda tx: store.tie_was_read(tx, tie, now, failure))
        return gap is not None or tie is not None

    def _due(self, tx: Session, now: datetime) -> tuple[store.DueGap | None, str | None]:
        """Return the next gap, else the next tie."""
        gap = store.next_gap(tx, now, now - self._gap_after, self._unanswered)
        return gap, None if gap else store.next_tie(tx, self._unanswered)

    def _attempt(
        self, reason: str, due: str, read: Callable[[], Reading]
    ) -> tuple[Reading | None, str | None]:
        try:
            return read(), None
        except NotReadable as error:
            return None, str(error)
        except KeyRefused:
            REREADS.labels(reason, "refused").inc()
            raise
        except StripeUnavailable:
            self._unanswered.add(due)
            raise

    def _finish(
        self, reason: str, reading: Reading | None, failure: str | None, mark: Callable[[Session], object]
    ) -> None:
        with self._database.transaction() as tx:
            mark(tx)
            if reading is not None:
                message = reread_message(STRIPE_REREADS, reading.object, reading.event_type, reading.at)
                outbox.append(tx, [message])
        REREADS.labels(reason, "read" if reading else "absent").inc()
        log.info("read again from Stripe", reason=reason, failure=failure)


def _session_of(reader: StripeReader, gap: store.DueGap) -> Reading:
    if gap.session_id:
        return reader.read(gap.session_id)
    assert gap.payment_intent_id is not None, "a due gap has one of the two ids"
    return reader.session_of_payment(gap.payment_intent_id)
