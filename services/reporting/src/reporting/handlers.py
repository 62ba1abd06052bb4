"""What the consumer reads, and how it handles a batch: record the events, then derive the ledger."""

from __future__ import annotations

from messaging.eventset.derivation import Derivation
from messaging.runtime.deriving import DerivingHandler
from reporting.domain.ledger import Ledger
from reporting.facts import event_of
from reporting.store import ledger_rows as store

TOPICS = ("orders", "stripe.checkout", "stripe.payments", "stripe.refunds")


def handler(derivation: Derivation[Ledger]) -> DerivingHandler:
    """Return the handler of `TOPICS`. It also notes up to which event reports are complete."""
    return DerivingHandler(derivation, event_of, after_derive=store.note_progress)
