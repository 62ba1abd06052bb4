"""Access of users to courses. Published by enrollment on the topic `enrollments`, with the key user_id."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.events.base import Contract, Event, Id, Moment, Text
from schemas.topics import ENROLLMENTS


class Source(Contract):
    """The source of the access: an order, a subscription or an administrator's decision."""

    kind: Literal["order", "subscription", "admin"]
    id: Id


class Cause(Contract):
    """The newest event that led to this state. Null if the state changed because time passed."""

    event_id: Id
    type: Text


class _OfUser(Event):
    TOPIC: ClassVar[str] = ENROLLMENTS
    KEY: ClassVar[str] = "user_id"

    user_id: Id


class EnrollmentChanged(_OfUser):
    """The access state of one user and course. Apply it only if `version` is greater than the stored one.

    The version always increases, also after a rebuild: it is the time of the derivation in microseconds since
    the epoch, or the last version plus 1 if that is greater.
    """

    TYPE: ClassVar[str] = "masterji.enrollment.changed.v1"

    course_id: Id
    """The course; `*` means every course, including future ones (access through a subscription)."""
    access: bool
    state: Text
    """The best state among the user's grants for the course: active, pending, suspended, revoked,
    expired, …"""
    source: Source | None = None
    since: Moment | None = None
    until: Moment | None = None
    """When access ends; null: never, or no access exists."""
    cause: Cause | None = None
    version: Annotated[int, Field(ge=1)]


class DuplicateDetected(_OfUser):
    """A user paid for a course to which a live grant already gives access. Checkout decides about a refund.

    Announced again, with a greater version, when another order proves to be the first, and when the order
    becomes a duplicate again. DuplicateWithdrawn follows when it is no longer one.
    """

    TYPE: ClassVar[str] = "masterji.enrollment.duplicate_detected.v1"

    course_id: Id
    order_id: Id
    """The later order, which is the duplicate."""
    first_order_id: Id
    payment_intent_id: Id | None = None
    detected_at: Moment
    version: Annotated[int, Field(ge=1)]


class DuplicateWithdrawn(_OfUser):
    """An order that was announced as a duplicate is none: an event arrived late, or a payment was returned.

    Has the versions of DuplicateDetected: of several announcements about an order and course, the one with
    the greatest version counts.
    """

    TYPE: ClassVar[str] = "masterji.enrollment.duplicate_withdrawn.v1"

    course_id: Id
    order_id: Id
    withdrawn_at: Moment
    version: Annotated[int, Field(ge=1)]
