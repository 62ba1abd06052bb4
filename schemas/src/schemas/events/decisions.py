"""Decisions of administrators about access. Published and consumed by enrollment on the topic `decisions`."""

from typing import ClassVar

from schemas.events.base import Event, Id, Moment, Text
from schemas.topics import DECISIONS


class _Decision(Event):
    TOPIC: ClassVar[str] = DECISIONS
    KEY: ClassVar[str] = "user_id"

    decision_id: Id
    user_id: Id
    course_id: Id
    decided_by: Id
    """The administrator's user id."""
    reason: Text
    decided_at: Moment


class AccessGranted(_Decision):
    """An administrator granted a user access to a course, in addition to any purchase."""

    TYPE: ClassVar[str] = "masterji.access.granted.v1"

    until: Moment | None = None
    """When the granted access ends; null: it does not end."""


class AccessRevoked(_Decision):
    """An administrator revoked the grants of administrators for a course. Purchases are not affected."""

    TYPE: ClassVar[str] = "masterji.access.revoked.v1"
