"""The consumer's topics and batch handler: it records the events, then derives grants from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enrollment.domain import Decision
from enrollment.facts import event_of
from enrollment.store import courses
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event, has_facts
from messaging.message import Message
from messaging.runtime.deriving import DerivingHandler
from processkit.postgres.database import Session
from schemas.events import CourseChanged
from schemas.topics import consumed_by

TOPICS = consumed_by("enrollment")


class EnrollmentHandler:
    """Implements messaging's Handler for `TOPICS`. The owners of events are users; the catalog has none."""

    def __init__(self, derivation: Derivation[Decision]) -> None:
        self._deriving = DerivingHandler(derivation, event_of)

    def decode(self, message: Message) -> Event[Any] | None:
        """Return the event; None for a message that no rule reads. Raises Poison."""
        return event_of(message)

    def record(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Add the events to the set, and apply changes of the catalog."""
        courses.apply(tx, [event.facts for event in events if has_facts(event, CourseChanged)])
        self._deriving.record(tx, _stored(events))

    def derive(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Derive the users that the events name, directly or through links."""
        self._deriving.derive(tx, _stored(events))

    def derive_failed(self, tx: Session, events: Sequence[Event[Any]], error: BaseException) -> None:
        """Mark the users whose derivation failed, so that the clock retries them."""
        self._deriving.derive_failed(tx, _stored(events), error)


def handler(derivation: Derivation[Decision]) -> EnrollmentHandler:
    """Return the handler for `TOPICS`."""
    return EnrollmentHandler(derivation)


def _stored(events: Sequence[Event[Any]]) -> list[Event[Any]]:
    return [event for event in events if not has_facts(event, CourseChanged)]
