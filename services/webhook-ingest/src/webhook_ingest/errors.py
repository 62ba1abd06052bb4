"""The errors of webhook-ingest: why an event is not accepted.

IngestError
├── Rejected             the request is at fault: 4xx, nothing is published, sending it again changes nothing
├── Unavailable          Kafka does not take the event now: 503, Stripe sends it again later
├── Disconnected         the sender closed the connection before its request was complete
└── ProducerFatalError   the producer can never publish again: the process must be restarted
"""

from __future__ import annotations

from enum import Enum


class IngestError(Exception):
    """The root of this service's errors."""


class Reason(Enum):
    """Each cause of a rejection: its label in the metrics and slug of its problem, and its HTTP status."""

    METHOD = ("method-not-allowed", 405)
    CONTENT_TYPE = ("content-type", 415)
    TOO_LARGE = ("body-too-large", 413)
    TOO_SLOW = ("body-too-slow", 408)
    SIGNATURE_MISSING = ("signature-missing", 400)
    SIGNATURE_MALFORMED = ("signature-malformed", 400)
    SIGNATURE_MISMATCH = ("signature-mismatch", 400)
    TIMESTAMP = ("timestamp-out-of-tolerance", 400)
    NOT_JSON = ("not-json", 400)
    NOT_AN_EVENT = ("not-an-event", 400)
    LIVEMODE = ("livemode-mismatch", 400)

    def __init__(self, slug: str, status: int) -> None:
        self.slug = slug
        self.status = status


class Rejected(IngestError):
    """`detail` is for the sender: it says what to do, and repeats nothing of what was sent."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.slug}: {detail}")
        self.reason = reason
        self.detail = detail


class Unavailable(IngestError):
    """`cause` is a stable word for the metrics."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Disconnected(IngestError):
    """The sender went away before the body was whole."""


class ProducerFatalError(IngestError):
    """The producer can never publish again: the process must be started afresh."""
