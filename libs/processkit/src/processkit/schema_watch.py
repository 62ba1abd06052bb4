"""Checks that the database's schema is new enough for this program. Does not import alembic, which is
slow."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import psycopg

from processkit.errors import is_transient
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop, Worker
from processkit.postgres.database import Database

LOOK_SECONDS = 5.0
OLDER = "the schema is older than the program: run migrate"


def followed(workers: Mapping[str, Worker], dsn: str, revision: str, health: Health) -> dict[str, Worker]:
    """Return the workers and one more that reports to health whether the schema is new enough."""
    return {**workers, "schema": SchemaWatch(dsn, revision, health).run}


class SchemaWatch:
    """Maintains the component `schema`: down while the database's revision is older than `revision`.

    Revisions are compared as text: they are numbers of the same length that only increase. A newer one is
    accepted, because migrations are deployed first and do not break running programs. An unavailable database
    changes nothing here: other components report that.
    """

    def __init__(
        self, dsn: str, revision: str, health: Health, *, interval_seconds: float = LOOK_SECONDS
    ) -> None:
        self._database = Database(dsn, "schema", statement_timeout_seconds=5)
        self._revision = revision
        self._component = health.component("schema", RENEW_SECONDS)
        self._loop = Loop(
            component=self._component, turn=self.once, idle_seconds=interval_seconds, turn_reports=True
        )

    def run(self, stop: threading.Event) -> None:
        """Check until `stop` is set."""
        self._loop.run(stop)

    def once(self) -> bool:
        """Check once and report to the component. Returns False: the next check can wait."""
        try:
            older = self._is_older()
        except psycopg.Error as error:
            if not is_transient(error):
                raise
        else:
            self._component.down(OLDER) if older else self._component.up()
        finally:
            # The check is rare, so no connection is kept.
            self._database.close()
        return False

    def _is_older(self) -> bool:
        try:
            rows = self._database.connection().execute("select version_num from alembic_version").fetchall()
        except psycopg.errors.UndefinedTable:
            return True
        return not rows or any(row[0] < self._revision for row in rows)
