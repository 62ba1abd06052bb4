"""Checks that the database's schema is new enough for this program. Does not import alembic, which is
slow."""

from __future__ import annotations

import ast
import threading
from collections.abc import Mapping
from pathlib import Path

import psycopg

from processkit.errors import is_transient
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop, Worker
from processkit.postgres.database import Database

LOOK_SECONDS = 5.0
OLDER = "the schema is older than the program: run migrate"


def followed(workers: Mapping[str, Worker], dsn: str, service_dir: Path, health: Health) -> dict[str, Worker]:
    """Return the workers and one more that reports to health whether the schema is new enough."""
    return {**workers, "schema": SchemaWatch(dsn, service_dir, health).run}


def older_revisions(service_dir: Path) -> frozenset[str]:
    """Return the revisions in `service_dir`/migrations that another one follows: all but the newest."""
    older: set[str] = set()
    for file in (service_dir / "migrations" / "versions").glob("*.py"):
        for statement in ast.parse(file.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name(id="down_revision")], value=ast.Constant(value=str(name))):
                    older.add(name)
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                    pairs = zip(names, values, strict=True)
                    older |= {_text(value) for name, value in pairs if _named(name, "down_revision")}
    return frozenset(older - {""})


class SchemaWatch:
    """Maintains the component `schema`: down while the database's revision is older than the program's.

    An unknown revision is newer, because migrations are deployed first and do not break running programs. An
    unavailable database changes nothing here: other components report that.
    """

    def __init__(
        self, dsn: str, service_dir: Path, health: Health, *, interval_seconds: float = LOOK_SECONDS
    ) -> None:
        self._database = Database(dsn, "schema", statement_timeout_seconds=5)
        self._older = older_revisions(service_dir)
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
        return not rows or any(row[0] in self._older for row in rows)


def _named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
