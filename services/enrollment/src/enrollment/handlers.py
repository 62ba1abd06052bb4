"""What the consumer does with a batch: remember it, then bring grants in line with what is remembered."""

from __future__ import annotations

from collections.abc import Sequence

from enrollment.domain import Decision
from enrollment.facts import event_of
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from messaging.message import Message
from processkit.postgres.database import Session

TOPICS = (
    "orders",
    "decisions",
    "stripe.checkout",
    "stripe.payments",
    "stripe.refunds",
    "stripe.disputes",
    "stripe.billing",
    "stripe.customers",
    "stripe.rereads",
)


class EnrollmentHandler:
    """Of `TOPICS`. Owners are users; the runner owns the transactions."""

    def __init__(self, derivation: Derivation[Decision]) -> None:
        self._derivation = derivation

    def decode(self, message: Message) -> Event | None:
        """The event to remember; None for what no rule reads. Raises Poison."""
        return event_of(message)

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        """Adds the events to the set."""
        self._derivation.record(tx, events)

    def derive(self, tx: Session, events: Sequence[Event]) -> None:
        """Writes and announces what changed for the users that the events touch."""
        self._derivation.derive(tx, events)

    def derive_failed(self, tx: Session, events: Sequence[Event], error: BaseException) -> None:
        """Marks the users for a later try."""
        self._derivation.derive_failed(tx, events, error)
