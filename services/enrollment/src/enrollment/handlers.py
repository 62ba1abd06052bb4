"""What the consumer reads, and how it handles a batch: record the events, then derive grants from them."""

from __future__ import annotations

from enrollment.domain import Decision
from enrollment.facts import event_of
from messaging.eventset.derivation import Derivation
from messaging.runtime.deriving import DerivingHandler
from schemas.topics import consumed_by

TOPICS = consumed_by("enrollment")


def handler(derivation: Derivation[Decision]) -> DerivingHandler:
    """Return the handler of `TOPICS`. Owners are users."""
    return DerivingHandler(derivation, event_of)
