"""Errors of a process that depends on others, and how to react to them.

ProcessError
├── ConfigurationError   the start is refused; the message names the variable and the fix
├── Transient            a dependency is unavailable; the same call may succeed later
└── LockHeld             a migration waits for other transactions, and changed nothing
"""

import enum
import sys

import psycopg


class ProcessError(Exception):
    """Root of the errors raised here."""


class ConfigurationError(ProcessError):
    """A setting is wrong or unsafe."""


class Transient(ProcessError):
    """A dependency (database, broker, mail server, …) is unavailable; the same call may succeed later."""


class LockHeld(ProcessError):
    """Other transactions hold a lock that the migration needs. The waiting migration changed nothing."""


# The driver does not class these as operational, but no input is at fault: a retry succeeds once an
# operator has repaired the database. As unexpected errors they would turn a whole topic into dead letters.
_DATABASE_STATES = frozenset(
    {
        "25006",  # read-only: a failover left this connection on a standby
        "25P03",  # the server ended a session that was idle in its transaction
        "25P04",  # … or a transaction that took too long
        "42P01",  # undefined table: the migration has not run yet
        "42703",  # undefined column, likewise
        "3F000",  # undefined schema, likewise
        "42501",  # insufficient privilege
    }
)
_DATABASE_CLASSES = frozenset({"XX", "F0"})  # the server's own defects, corrupted data, its configuration


class Kind(enum.Enum):
    """How a worker reacts to an error."""

    CONFLICT = "conflict"
    TRANSIENT = "transient"
    POISON = "poison"
    UNEXPECTED = "unexpected"


def classify(error: BaseException) -> Kind:
    """Return the kind of an error raised by the database or by a dependency."""
    error = _driver_error(error)
    if isinstance(error, Transient):
        return Kind.TRANSIENT
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return Kind.CONFLICT
    if isinstance(error, psycopg.Error):
        # A value too large for an index (54000) is an OperationalError in the driver's tree, but waiting does
        # not make it smaller: as a transient error it would block a partition for ever.
        if isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith("54"):
            return Kind.POISON
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return Kind.TRANSIENT
        state = error.sqlstate or ""
        at_fault = state in _DATABASE_STATES or state[:2] in _DATABASE_CLASSES
        return Kind.TRANSIENT if at_fault else Kind.UNEXPECTED
    if isinstance(error, (ConnectionError, TimeoutError, *engine_errors())):
        return Kind.TRANSIENT
    return Kind.UNEXPECTED


def is_transient(error: BaseException) -> bool:
    """Return whether the same call may succeed later, because a dependency is unavailable or two transactions
    were in conflict."""
    return classify(error) in (Kind.TRANSIENT, Kind.CONFLICT)


def sentence_of(error: BaseException) -> str:
    """Return the error's message, at most 1,000 characters, for logs and tables that operators read.

    Only the first line of a database error: the rest holds values of the row, which may be personal data.
    """
    error = _driver_error(error)
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary[:1000]
    return str(error)[:1000]


def engine_errors() -> tuple[type[Exception], ...]:
    """Return the errors by which an engine of SQLAlchemy reports an unavailable database.

    None if this process does not use SQLAlchemy: to import it here would delay the start of every process.
    """
    module = sys.modules.get("sqlalchemy.exc")
    return () if module is None else (module.OperationalError, module.InterfaceError, module.TimeoutError)


def _driver_error(error: BaseException) -> BaseException:
    """Return the driver's error, which an engine of SQLAlchemy wraps in its own."""
    wrapped = getattr(error, "orig", None)
    return wrapped if isinstance(wrapped, psycopg.Error) else error
