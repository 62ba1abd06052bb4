"""The errors of messaging, beside those of processkit.

MessagingError
├── Poison        this message can never be handled: it goes to the dead-letter topic
├── Halted        continuing would lose messages: manual intervention required
└── Interrupted   the process stops before the batch is done: the batch will be repeated
"""

from confluent_kafka import KafkaException

from processkit import errors
from processkit.errors import Kind, sentence_of


class MessagingError(Exception):
    """Root of the errors raised here."""


class Poison(MessagingError):
    """A message that no retry can fix. `reason` is a stable code, `detail` a sentence for operators."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Halted(MessagingError):
    """The consumer stopped itself because continuing would lose messages."""


class Interrupted(MessagingError):
    """A batch was abandoned because the process stops; none of its offsets were committed."""


def classify(error: BaseException) -> Kind:
    """Return the kind of an error raised by a handler, the broker or the database."""
    if isinstance(error, Poison):
        return Kind.POISON
    if isinstance(error, KafkaException):
        return Kind.TRANSIENT
    return errors.classify(error)


def is_transient(error: BaseException) -> bool:
    """Return whether the same call may succeed later: the broker or the database is unavailable, or two
    transactions were in conflict."""
    return classify(error) in (Kind.TRANSIENT, Kind.CONFLICT)


def reason_of(error: BaseException) -> tuple[str, str]:
    """Return a stable code and a sentence of limited length, for a dead letter's headers."""
    if isinstance(error, Poison):
        return error.reason, error.detail[:1000]
    sqlstate = getattr(error, "sqlstate", None)
    return f"{type(error).__name__}{f' {sqlstate}' if sqlstate else ''}", sentence_of(error)
