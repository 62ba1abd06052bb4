"""Operations of administrators on one user: read the history, and derive again.

They are synchronous and use their own connections: the API runs them in a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from enrollment.domain import Policy
from enrollment.domain.history import Step, history
from enrollment.store import grants as store
from messaging.eventset.event import chronological
from processkit.postgres.database import Database


class Operations:
    """Reads the history of single users from the event set, and derives them again."""

    def __init__(self, dsn: str, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._dsn = dsn
        self._policy = policy
        self._clock = clock
        self._derivation = store.derivation(policy, clock)

    def users_of(self, order_id: str) -> list[str]:
        """Return the users that the events of an order name; none if the order is unknown."""
        database = Database(self._dsn, "operator", statement_timeout_seconds=10)
        try:
            with database.transaction() as tx:
                rows = tx.execute(store.USERS_OF_ORDER, (order_id,)).fetchall()
        finally:
            database.close()
        return [row[0] for row in rows]

    def history(self, user_id: str) -> list[Step]:
        """Return every event of the user with its changes, and the changes that time alone made."""
        database = Database(self._dsn, "operator", statement_timeout_seconds=10)
        try:
            with database.transaction() as tx:
                loaded = store.EVENTS.load(tx, [user_id], owner="user_id", follow=store.FOLLOW)
        finally:
            database.close()
        return list(history(user_id, chronological(loaded[user_id]), self._clock(), self._policy))

    def derive(self, user_id: str) -> None:
        """Derive the user again, and announce the changes (usually none)."""
        database = Database(self._dsn, "operator", statement_timeout_seconds=10)
        try:
            with database.transaction() as tx:
                self._derivation.derive_owners(tx, [user_id])
        finally:
            database.close()
