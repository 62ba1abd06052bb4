"""The words of the domain: grant, state, access, policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ALL_COURSES = "*"
"""The course of a grant that opens every course, those of tomorrow too: a subscription's."""


class State(StrEnum):
    """Where a grant stands. Only `active` and `in_grace` let anybody in."""

    ACTIVE = "active"
    IN_GRACE = "in_grace"
    SUSPENDED = "suspended"
    PENDING = "pending"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def live(self) -> bool:
        """Whether a grant in this state gives access."""
        return self is State.ACTIVE or self is State.IN_GRACE


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner of the platform may choose.

    `grace` is how long a subscription stays open after a payment is due and has not come.
    `fraud_warning_suspends`: an early fraud warning closes the grant until it is settled; else it only flags.
    """

    grace: timedelta = timedelta(days=7)
    fraud_warning_suspends: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """The newest event that a decision rests on."""

    event_id: str
    type: str
    order: tuple[int, int, str]
    """Where it stands in time: (created in microseconds, lifecycle rank, event id)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one source (an order line, a subscription, an administrator) gives a user for one course."""

    kind: str
    """order, subscription or admin."""
    source_id: str
    line_id: str
    """Of an order; empty for the other kinds."""
    course_id: str
    state: State
    reason: str
    since: datetime | None = None
    """When it first gave access: the payment, the decision. None while nothing is paid."""
    until: datetime | None = None
    """When it ends by itself; None: never."""
    payment_intent_id: str | None = None
    flagged: bool = False
    """An early fraud warning stands against its payment."""
    duplicate_of: str | None = None
    """The order that had opened the course already, if this one bought nothing new."""
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """All grants of one user for one course, taken together."""

    course_id: str
    access: bool
    state: str
    kind: str
    source_id: str
    since: datetime | None
    until: datetime | None
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class Unfulfilled:
    """An order for which money came and which no grant answers: somebody paid and is not enrolled."""

    order_id: str
    session_id: str | None
    payment_intent_id: str | None
    paid_at: datetime
    reason: str
    """order_unknown, session_missing, or what disagrees between session and order."""
