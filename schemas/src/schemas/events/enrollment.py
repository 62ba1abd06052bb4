"""Who may learn what. Published by enrollment on the topic `enrollments`, by the key user_id."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.events.base import Contract, Event, Id, Moment, Text
from schemas.topics import ENROLLMENTS


class Source(Contract):
    """What gives (or gave) the access: the business object, never a Stripe event."""

    kind: Literal["order", "subscription", "admin"]
    id: Id


class Cause(Contract):
    """The newest event that the derivation saw for this user and course; a clock tick has none."""

    event_id: Id
    type: Text


class EnrollmentChanged(Event):
    """The whole access state of one user and course. Apply it only if `version` is greater than the one
    you have.

    The version only grows, also across a rebuild: microseconds since the epoch at the derivation, at
    least the last one plus 1.
    """

    TYPE: ClassVar[str] = "masterji.enrollment.changed.v1"
    TOPIC: ClassVar[str] = ENROLLMENTS

    user_id: Id
    course_id: Id
    """The course; `*` stands for every course, those of tomorrow too: a subscription's."""
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

    def key(self) -> str:
        return self.user_id


class DuplicateDetected(Event):
    """A user paid for a course to which a live grant already gives access. Checkout decides about a refund.

    Announced again, with a greater version, when another order proves to be the first, and when the order
    becomes a duplicate again. It is not announced that an order is no longer a duplicate.
    """

    TYPE: ClassVar[str] = "masterji.enrollment.duplicate_detected.v1"
    TOPIC: ClassVar[str] = ENROLLMENTS

    user_id: Id
    course_id: Id
    order_id: Id
    """The later order: the one that bought nothing new."""
    first_order_id: Id
    payment_intent_id: Id | None = None
    detected_at: Moment
    version: Annotated[int, Field(ge=1)]

    def key(self) -> str:
        return self.user_id
