"""The handler of a service that records events in a set and derives state from it."""

from collections.abc import Callable, Sequence
from typing import Any

from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from messaging.message import Message
from processkit.postgres.database import Session


class DerivingHandler:
    """Decodes messages by `decode` and leaves the rest to the derivation; the runner owns the transactions.

    `decode` returns the event to record, or None for a message that no rule reads; it raises Poison.
    `after_derive` runs in the transaction of each derivation, after it.
    """

    def __init__(
        self,
        derivation: Derivation[Any],
        decode: Callable[[Message], Event[Any] | None],
        *,
        after_derive: Callable[[Session, Sequence[Event[Any]]], None] | None = None,
    ) -> None:
        self._derivation = derivation
        self._decode = decode
        self._after_derive = after_derive

    def decode(self, message: Message) -> Event[Any] | None:
        """Return the event to record; None for a message that no rule reads. Raises Poison."""
        return self._decode(message)

    def record(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Add the events to the set."""
        self._derivation.record(tx, events)

    def derive(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Derive the owners that the events name, directly or through links."""
        self._derivation.derive(tx, events)
        if self._after_derive is not None:
            self._after_derive(tx, events)

    def derive_failed(self, tx: Session, events: Sequence[Event[Any]], error: BaseException) -> None:
        """Mark the owners whose derivation failed, so that the clock retries them."""
        self._derivation.derive_failed(tx, events, error)
