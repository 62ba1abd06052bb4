"""The interface that a service implements for the consumer runtime."""

from collections.abc import Sequence
from typing import Any, Protocol

from messaging.eventset.event import Event
from messaging.message import Message
from processkit.postgres.database import Session


class Handler(Protocol):
    """Records and derives; never commits. Each method may be called again for the same messages."""

    def decode(self, message: Message) -> Event[Any] | None:
        """Return the event, or None when it is not for this service. Raises Poison."""

    def record(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Add the events to the set. Committed before `derive` is called."""

    def derive(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Derive the state of every owner that the events name from the set."""

    def derive_failed(self, tx: Session, events: Sequence[Event[Any]], error: BaseException) -> None:
        """Mark the owners whose derivation keeps failing, so that they are reported and retried."""
