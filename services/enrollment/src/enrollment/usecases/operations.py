"""Operations of administrators on one user: read the history, and derive again.

They are synchronous and use their own connections: the API runs them in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from enrollment.domain import Policy
from enrollment.domain.facts import FOLLOW, OWNER
from enrollment.domain.history import Step, history
from enrollment.store.tables import EVENTS
from enrollment.usecases.deriving import derivation
from messaging.eventset.event import chronological
from processkit.postgres.database import Database, Session


class Operations:
    """Reads the history of single users from the event set, and derives them again."""

    def __init__(self, dsn: str, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._dsn = dsn
        self._policy = policy
        self._clock = clock
        self._derivation = derivation(policy, clock)

    def history(self, user_id: str) -> list[Step]:
        """Return every event of the user with its changes, and the changes that were due to time only."""
        with self._transaction() as tx:
            loaded = EVENTS.load(tx, [user_id], owner=OWNER, follow=FOLLOW)
        return list(history(user_id, chronological(loaded[user_id]), self._clock(), self._policy))

    def derive(self, user_id: str) -> None:
        """Derive the user again, and announce the changes (usually none)."""
        with self._transaction() as tx:
            self._derivation.derive_owners(tx, [user_id])

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        database = Database(self._dsn, "operator", statement_timeout_seconds=10)
        try:
            with database.transaction() as tx:
                yield tx
        finally:
            database.close()
