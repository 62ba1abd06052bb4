"""`Idempotency-Key`: the same key returns the same answer for 24 hours.

Stripe stores the outcome of an execution, including errors, but not of a request that failed validation or
conflicted with one in progress. https://docs.stripe.com/api/idempotent_requests
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from stripe_sandbox.core.store import Store
from stripe_sandbox.errors import IdempotencyConflict, InvalidRequest

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored answer."""

    status: int
    body: bytes
    request_id: str


def fingerprint(method: str, path: str, body: bytes) -> str:
    """A hash of the method, path and parameters; a key may be reused only with the same hash."""
    return hashlib.blake2b(b"\0".join((method.encode(), path.encode(), body)), digest_size=16).hexdigest()


class Idempotency:
    """Keys, their answers (in the store) and the keys in progress (in memory)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: set[str] = set()

    def begin(self, key: str, print_: str, now: int) -> Replay | None:
        """The stored answer, or None after marking the key as in progress; raises on a conflict."""
        if len(key) > 255:
            raise InvalidRequest("Idempotency keys can be at most 255 characters long.")
        if key in self._running:
            raise IdempotencyConflict(
                409,
                "There is currently another in-progress request using this Idempotent Key (that probably "
                "means you "
                f"submitted twice, and the other request is still going through): {key}. Please try again "
                "later.",
                code="idempotency_key_in_use",
            )
        row = self._store.db.execute(
            "select fingerprint, status, body, request_id from idempotency where key = ? and created > ?",
            (key, now - KEPT_SECONDS),
        ).fetchone()
        if row is None:
            self._running.add(key)
            return None
        if row[0] != print_:
            raise IdempotencyConflict(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first "
                "used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
            )
        return Replay(row[1], row[2], row[3])

    def save(self, key: str, print_: str, replay: Replay, now: int) -> None:
        """Store the answer."""
        self._store.db.execute(
            "insert or replace into idempotency values (?, ?, ?, ?, ?, ?)",
            (key, print_, replay.status, replay.body, replay.request_id, now),
        )

    def end(self, key: str) -> None:
        """The request has ended, successfully or not."""
        self._running.discard(key)
