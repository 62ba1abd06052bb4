"""The consumer's topics and batch handler: it records the events, then derives grants from them."""

from __future__ import annotations

from enrollment.domain import Decision
from enrollment.facts import event_of
from messaging.eventset.derivation import Derivation
from messaging.runtime.deriving import DerivingHandler
from schemas.topics import consumed_by

TOPICS = consumed_by("enrollment")


def handler(derivation: Derivation[Decision]) -> DerivingHandler:
    """Return the handler for `TOPICS`. The owners of events are users."""
    return DerivingHandler(derivation, event_of)
