"""Measures pending work in the database at intervals."""

import threading
from collections.abc import Callable

from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
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
        self._loop = Loop(
            component=health.component(name, RENEW_SECONDS),
            turn=self._once,
            idle_seconds=interval_seconds,
            describe="database: {}".format,
            close=[self._database.close],
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        self._loop.run(stop)

    def _once(self) -> bool:
        with self._database.transaction() as tx:
            self._count(tx)
        return False
