"""The types of the domain: grant, state, access, policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ALL_COURSES = "*"
"""The course id of a grant for every course, including future ones: that of a subscription."""
NO_ACCESS = "none"
"""The state of a course for which the user no longer has a grant."""


class State(StrEnum):
    """The state of a grant. Only `active` and `in_grace` give access."""

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
    """The settings of the rules.

    `grace` is how long a subscription gives access after a payment is due and has not arrived.
    `fraud_warning_suspends`: an early fraud warning suspends the grant until it is settled; otherwise it only
    flags the grant.
    """

    grace: timedelta = timedelta(days=7)
    fraud_warning_suspends: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """The newest event that a decision depends on."""

    event_id: str
    type: str
    order: tuple[int, int, str]
    """Its chronological position: (created in microseconds, lifecycle rank, event id)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one source (an order line, a subscription, an administrator) grants a user for one course."""

    kind: str
    """order, subscription or admin."""
    source_id: str
    line_id: str
    """Of an order; empty for the other kinds."""
    course_id: str
    state: State
    reason: str
    since: datetime | None = None
    """When it first gave access: at the payment or the decision. None while nothing is paid."""
    until: datetime | None = None
    """When it ends without a further event; None: never."""
    payment_intent_id: str | None = None
    flagged: bool = False
    """Its payment has an early fraud warning."""
    duplicate_of: str | None = None
    """The first order for the course, if the order of this grant is a duplicate."""
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """The combined result of all grants of one user for one course."""

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
    """An order that was paid and has no grant: the buyer is not enrolled."""

    order_id: str
    session_id: str | None
    payment_intent_id: str | None
    paid_at: datetime
    reason: str
    """order_unknown, session_missing, subscription_missing, no_line_opens_a_course, or the mismatch between
    session and order (`schemas.rules.Mismatch`)."""
