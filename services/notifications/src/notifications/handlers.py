"""What the consumer reads, and how it handles a batch: record the events, then derive the mails to send.

The consumer never sends mail; the sender does.
"""

from __future__ import annotations

from messaging.eventset.derivation import Derivation
from messaging.runtime.deriving import DerivingHandler
from notifications.domain.mails import Mail
from notifications.facts import event_of
from schemas.topics import consumed_by

TOPICS = consumed_by("notifications")


def handler(derivation: Derivation[tuple[Mail, ...]]) -> DerivingHandler:
    """Return the handler of `TOPICS`. Owners are orders."""
    return DerivingHandler(derivation, event_of)
