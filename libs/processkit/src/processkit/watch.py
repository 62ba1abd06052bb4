"""Measures pending work in the database at intervals."""

import threading
from collections.abc import Callable

from processkit.health import RENEW_SECONDS, Health
from processkit.loop import run_periodically
from processkit.postgres.database import Database, Session


class Watch:
    """Calls `count`, which sets metrics, in a transaction every few seconds, whether or not the work is
    being done.

    Needs no lock: several may run, and export the same figures.
    """

    def __init__(
        self,
        name: str,
        count: Callable[[Session], None],
        dsn: str,
        health: Health,
        *,
        interval_seconds: float = 5.0,
        statement_timeout_seconds: int = 60,
    ) -> None:
        self._count = count
        self._database = Database(dsn, f"{name}-watch", statement_timeout_seconds)
        self._component = health.component(name, RENEW_SECONDS)
        self._interval = interval_seconds

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        run_periodically(
            self._once,
            stop,
            component=self._component,
            dependency="database",
            close=self._database.close,
            interval_seconds=self._interval,
        )

    def _once(self) -> bool:
        with self._database.transaction() as tx:
            self._count(tx)
        return False
