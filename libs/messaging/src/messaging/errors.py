"""The errors of messaging.

MessagingError
├── ConfigurationError   the start is refused; the message names the variable and the fix
├── Poison               this message can never be handled: to the dead-letter topic
├── Transient            a dependency is unavailable: nothing advances until it answers
├── Halted               going on would lose something: manual intervention required
└── Interrupted          the process is to stop before the batch is done: it will be repeated
"""

import enum

import psycopg
from confluent_kafka import KafkaException


class MessagingError(Exception):
    """Root of the errors raised here."""


class ConfigurationError(MessagingError):
    """A setting is wrong or unsafe."""


class Poison(MessagingError):
    """A message that no retry can fix. `reason` is a stable word, `detail` a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Transient(MessagingError):
    """A dependency (database, broker, mail server, …) is unavailable; the same call may succeed later."""


class Halted(MessagingError):
    """The consumer stopped itself because going on would lose messages."""


# Errors that the driver does not count as operational, and yet no message is at fault. Taken as unexpected
# they would empty a topic into the dead letters, below the brake, while somebody repairs the database.
_DATABASE_STATES = frozenset(
    {
        "25006",  # read-only: a failover left this connection on a standby
        "25P03",  # the server ended a session that idled in its transaction
        "25P04",  # … or a transaction that took too long
        "42P01",  # a table that is not there (yet): the migration has not run
        "42703",  # a column, likewise
        "3F000",  # a schema, likewise
        "42501",  # a right that is not granted
    }
)
_DATABASE_CLASSES = frozenset({"XX", "F0"})  # the server's own defects, corrupted data, its configuration


class Interrupted(MessagingError):
    """A batch was given up because the process is to stop; nothing of it has passed."""


class Kind(enum.Enum):
    """What the consumer does about an error."""

    CONFLICT = "conflict"
    TRANSIENT = "transient"
    POISON = "poison"
    UNEXPECTED = "unexpected"


def classify(error: BaseException) -> Kind:
    """Name the kind of an error raised by a handler or by the database."""
    if isinstance(error, Poison):
        return Kind.POISON
    if isinstance(error, Transient):
        return Kind.TRANSIENT
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return Kind.CONFLICT
    if isinstance(error, psycopg.Error):
        # A value too large for an index (54000) is an OperationalError in the driver's tree, but no
        # waiting makes it smaller: taken as transient it would hold the partition for ever.
        if isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith("54"):
            return Kind.POISON
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return Kind.TRANSIENT
        state = error.sqlstate or ""
        at_fault = state in _DATABASE_STATES or state[:2] in _DATABASE_CLASSES
        return Kind.TRANSIENT if at_fault else Kind.UNEXPECTED
    if isinstance(error, KafkaException | ConnectionError | TimeoutError):
        return Kind.TRANSIENT
    return Kind.UNEXPECTED


def sentence_of(error: BaseException) -> str:
    """Return what happened, bounded, for logs and tables that people read.

    Of a database's error only its first line: the rest holds the values of the row, which may be personal.
    """
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary[:1000]
    return str(error)[:1000]


def reason_of(error: BaseException) -> tuple[str, str]:
    """Return a stable word and a bounded sentence for a dead letter's headers."""
    if isinstance(error, Poison):
        return error.reason, error.detail[:1000]
    sqlstate = getattr(error, "sqlstate", None)
    return f"{type(error).__name__}{f' {sqlstate}' if sqlstate else ''}", sentence_of(error)
