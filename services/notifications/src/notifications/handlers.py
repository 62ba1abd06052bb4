"""What the consumer does with a batch: remember it, then write down the mails that are owed. It never
sends."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from messaging.message import Message
from notifications.domain.mails import Mail
from notifications.facts import event_of
from processkit.postgres.database import Session

TOPICS = ("orders", "stripe.checkout", "stripe.refunds")


class NotificationsHandler:
    """Of the topics orders, stripe.checkout and stripe.refunds."""

    def __init__(self, derivation: Derivation[tuple[Mail, ...]]) -> None:
        self._derivation = derivation

    def decode(self, message: Message) -> Event | None:
        """The event to remember; None for what no mail depends on. Raises Poison."""
        return event_of(message)

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        """Adds the events to the set."""
        self._derivation.record(tx, events)

    def derive(self, tx: Session, events: Sequence[Event]) -> None:
        """Adds the deliveries that are owed now and were not before."""
        self._derivation.derive(tx, events)

    def derive_failed(self, tx: Session, events: Sequence[Event], error: BaseException) -> None:
        """Marks the owners for a later try."""
        self._derivation.derive_failed(tx, events, error)
