"""What the consumer does with a batch: remember it, then bring the ledger in line with what is remembered."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from messaging.message import Message
from processkit.postgres.database import Session
from reporting.domain.ledger import Ledger
from reporting.facts import event_of
from reporting.store import ledger_rows as store


class ReportingHandler:
    """Of the topics orders, stripe.checkout, stripe.payments and stripe.refunds."""

    def __init__(self, derivation: Derivation[Ledger]) -> None:
        self._derivation = derivation

    def decode(self, message: Message) -> Event | None:
        """The event to remember; None for what no report depends on. Raises Poison."""
        return event_of(message)

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        """Adds the events to the set."""
        self._derivation.record(tx, events)

    def derive(self, tx: Session, events: Sequence[Event]) -> None:
        """Writes what changed in the ledgers that the events touch, and how far reports reach."""
        self._derivation.derive(tx, events)
        store.note_progress(tx, events)

    def derive_failed(self, tx: Session, events: Sequence[Event], error: BaseException) -> None:
        """Marks the owners for a later try."""
        self._derivation.derive_failed(tx, events, error)


TOPICS = ("orders", "stripe.checkout", "stripe.payments", "stripe.refunds")
