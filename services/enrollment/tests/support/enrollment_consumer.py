"""The consumer without Kafka: record, commit, derive, commit. Also reads what it announced."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from enrollment_messages import DAY, at

from enrollment.domain import Decision, Policy
from enrollment.facts import event_of
from enrollment.handlers import handler
from enrollment.store.grants import state_hash
from enrollment.usecases.deriving import derivation
from messaging.eventset.derivation import Derivation
from messaging.message import Message
from processkit.postgres.database import Database, Session

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
GRANTS = (
    "select user_id, kind, source_id, line_id, course_id, state, reason, since, until, payment_intent_id,"
    " flagged, duplicate_of from grants where coalesce(user_id = any(%s::text[]), true)"
    ' order by user_id collate "C", kind collate "C", source_id collate "C", line_id collate "C"'
)
ACCESS = (
    "select user_id, course_id, access, state, kind, source_id, since, until from access"
    " where state <> 'none' and coalesce(user_id = any(%s::text[]), true)"
    ' order by user_id collate "C", course_id collate "C"'
)


GAPS = (
    "select user_id, order_id, session_id, payment_intent_id, paid_at, reason from unfulfilled"
    ' where user_id = any(%s) order by user_id collate "C", order_id collate "C"'
)


class Consumer:
    """Applies messages batch by batch. `now` is the current time of its clock."""

    def __init__(self, dsn: str, policy: Policy | None = None) -> None:
        self.now: datetime = at(10 * DAY)
        # The same kind of connection as the runner's, since its settings are part of the test.
        self._database = Database(dsn, "test")
        self.derivation: Derivation[Decision] = derivation(policy or Policy(), lambda: self.now)
        self.handler = handler(self.derivation)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def apply(self, *batches: Sequence[Message]) -> None:
        """Apply each batch in two transactions."""
        for batch in batches:
            events = [event for message in batch if (event := event_of(message)) is not None]
            with self.transaction() as tx:
                self.handler.record(tx, events)
            with self.transaction() as tx:
                self.handler.derive(tx, events)

    def transaction(self) -> AbstractContextManager[Session]:
        """Return a transaction that is committed at its end."""
        return self._database.transaction()

    def grants(self, users: Sequence[str] | None = None) -> list[tuple[Any, ...]]:
        """Return the grants (of these users) without the time of writing."""
        return self._rows(GRANTS, (users,))

    def access(self, users: Sequence[str] | None = None) -> list[tuple[Any, ...]]:
        """Return the access rows (of these users) without version and cause."""
        return self._rows(ACCESS, (users,))

    def gaps(self, users: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the gaps of these users."""
        return self._rows(GAPS, (users,))

    def rows_as_written(self) -> list[tuple[Any, ...]]:
        """Return the location and transaction of each derived row. They change if anything is written."""
        return self._rows("select xmin, ctid from grants") + self._rows("select xmin, ctid from access")

    def state_hash(self) -> str:
        """Return the digest of the derived state."""
        with self.transaction() as tx:
            return state_hash(tx)

    def announced(self) -> list[dict[str, Any]]:
        """Return the bodies in the outbox, oldest first, each with its type as `type`."""
        rows = self._rows("select type, event_id, value from outbox order by id")
        return [{"type": kind, "event_id": event_id, **json.loads(value)} for kind, event_id, value in rows]

    def forget_outbox(self) -> None:
        """Empty the outbox, as if the relay had published everything."""
        with self.transaction() as tx:
            tx.execute("delete from outbox")

    def _rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self.transaction() as tx:
            return tx.execute(query, parameters).fetchall()


CHANGED = "masterji.enrollment.changed.v1"
DUPLICATE = "masterji.enrollment.duplicate_detected.v1"
WITHDRAWN = "masterji.enrollment.duplicate_withdrawn.v1"


def fold(announced: Iterable[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the state of a consumer that applies an announcement only if its version is greater."""
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for body in announced:
        key = (body.get("user_id", ""), body.get("course_id", ""))
        if body["type"] == CHANGED and body["version"] > newest.get(key, {"version": 0})["version"]:
            newest[key] = body
    irrelevant = {"version", "cause", "event_id", "type"}
    return {
        key: {name: value for name, value in body.items() if name not in irrelevant}
        for key, body in newest.items()
        if body["state"] != "none"
    }
