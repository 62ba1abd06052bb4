"""The messages that enrollment publishes on the topics `enrollments` and `decisions`."""

from __future__ import annotations

import uuid
from datetime import datetime

import msgspec

from enrollment.domain import NO_ACCESS, Access, Grant
from messaging.message import OutgoingMessage
from schemas.events import DuplicateDetected, DuplicateWithdrawn, EnrollmentChanged
from schemas.events.base import Event as Body

SOURCE = "masterji/enrollment"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://masterji.dev/enrollment")


def identifier(*parts: object) -> str:
    """Return an id computed from the parts, so that a repeated announcement has the same id."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(map(str, parts))))


def enrollment_changed(
    user_id: str, course_id: str, access: Access | None, version: int, now: datetime, *, new_cause: bool
) -> OutgoingMessage:
    """Return the full state of one user and course. `new_cause`: an event changed it, not the clock."""
    cause = access.cause if access and new_cause else None
    # Built without the model, which takes longer than everything else here; a test checks the contract.
    body = {
        "user_id": user_id,
        "course_id": course_id,
        "access": access is not None and access.access,
        "state": access.state if access else NO_ACCESS,
        "source": {"kind": access.kind, "id": access.source_id} if access else None,
        "since": access.since if access else None,
        "until": access.until if access else None,
        "cause": {"event_id": cause.event_id, "type": cause.type} if cause else None,
        "version": version,
    }
    return OutgoingMessage(
        topic=EnrollmentChanged.TOPIC,
        key=user_id,
        id=identifier("changed", user_id, course_id, version),
        type=EnrollmentChanged.TYPE,
        source=SOURCE,
        time=now,
        value=msgspec.json.encode(body),
    )


def duplicate_detected(user_id: str, grant: Grant, version: int, now: datetime) -> OutgoingMessage:
    """Return the message about a second payment for a course; its id comes from order, course, version."""
    assert grant.duplicate_of is not None
    body = DuplicateDetected(
        user_id=user_id,
        course_id=grant.course_id,
        order_id=grant.source_id,
        first_order_id=grant.duplicate_of,
        payment_intent_id=grant.payment_intent_id,
        detected_at=now,
        version=version,
    )
    return message(body, identifier("duplicate", grant.source_id, grant.course_id, version), now)


def duplicate_withdrawn(
    user_id: str, course_id: str, order_id: str, version: int, now: datetime
) -> OutgoingMessage:
    """Return the message that the order is no duplicate; its id comes from order, course, version."""
    body = DuplicateWithdrawn(
        user_id=user_id, course_id=course_id, order_id=order_id, withdrawn_at=now, version=version
    )
    return message(body, identifier("no duplicate", order_id, course_id, version), now)


def message(body: Body, event_id: str, now: datetime) -> OutgoingMessage:
    """Return the body as a CloudEvent with its own topic and key."""
    return OutgoingMessage.of(body, id=event_id, source=SOURCE, time=now)
