"""Derives owners whose state changes with time, and retries failed derivations."""

import threading
import time
from typing import Any

import structlog

from messaging import metrics
from messaging.errors import is_transient
from messaging.eventset.derivation import Derivation
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
from processkit.postgres.database import Database

MEASURE_SECONDS = 60.0

log = structlog.stdlib.get_logger(__name__)


class ClockWorker:
    """Derives the due owners once per second. Several may run: each skips owners that another has locked."""

    def __init__(
        self,
        derivation: Derivation[Any],
        dsn: str,
        health: Health,
        *,
        interval_seconds: float = 1.0,
        chunk: int = 200,
    ) -> None:
        self._derivation = derivation
        self._database = Database(dsn, "clock")
        self._loop = Loop(
            component=health.component("clock", RENEW_SECONDS),
            turn=self._turn,
            idle_seconds=interval_seconds,
            waits=is_transient,
            describe="database: {}".format,
            close=[self._database.close],
        )
        self._chunk = chunk
        self._measured = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        self._loop.run(stop)

    def _turn(self) -> bool:
        self._measure()
        return self.once() >= self._chunk

    def _measure(self) -> None:
        # Postgres looks up the size of every file of the database for it: too expensive for every second.
        if time.monotonic() - self._measured < MEASURE_SECONDS:
            return
        with self._database.transaction() as tx:
            row = tx.execute("select pg_database_size(current_database())").fetchone()
        metrics.DATABASE_BYTES.set(row[0] if row else 0)
        self._measured = time.monotonic()

    def once(self) -> int:
        """Derive the postponed owners and one chunk of the due ones; return how many were due."""
        self._postponed()
        try:
            with self._database.transaction() as tx:
                due = self._derivation.due(tx, self._chunk)
                self._derivation.derive_unlocked(tx, due)
                metrics.NEEDS_DERIVATION.set(self._derivation.failing(tx), self._derivation.owner)
                metrics.POSTPONED.set(self._derivation.postponed.count(tx), self._derivation.owner)
                return len(due)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("a chunk could not be derived; its owners are derived one by one")
        return self._one_by_one()

    def _one_by_one(self) -> int:
        with self._database.transaction() as tx:
            due = self._derivation.due(tx, self._chunk)
        self._derivation.derive_one_by_one(self._database, due, self._derivation.derive_unlocked)
        return len(due)

    def _postponed(self) -> None:
        with self._database.transaction() as tx:
            owners = self._derivation.postponed.oldest(tx, self._chunk)
        self._derivation.derive_one_by_one(self._database, owners, self._derivation.derive_postponed)
