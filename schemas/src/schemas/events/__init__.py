"""Our own events: pydantic models, one for each type and version.

`TOPIC_OF` maps a type to its topic; `parse_event` reads a message's value by its type.
"""

from schemas.events.base import Contract, Event
from schemas.events.catalog import CourseChanged, Price
from schemas.events.decisions import AccessGranted, AccessRevoked
from schemas.events.enrollment import (
    Cause,
    DuplicateDetected,
    DuplicateWithdrawn,
    EnrollmentChanged,
    Source,
)
from schemas.events.orders import (
    OrderExpired,
    OrderLine,
    OrderPlaced,
    OrderRevoked,
    PaymentAccepted,
    Terms,
)

EVENTS: dict[str, type[Event]] = {
    model.TYPE: model
    for model in (
        OrderPlaced,
        OrderExpired,
        PaymentAccepted,
        OrderRevoked,
        CourseChanged,
        EnrollmentChanged,
        DuplicateDetected,
        DuplicateWithdrawn,
        AccessGranted,
        AccessRevoked,
    )
}
"""Every event of ours by its CloudEvents type."""

TOPIC_OF: dict[str, str] = {event_type: model.TOPIC for event_type, model in EVENTS.items()}
"""The topic of each type."""


def parse_event(event_type: str, value: bytes) -> Event:
    """Read the value of a message of ours.

    Raises ValueError when the type is not one of ours (a consumer ignores those: see `EVENTS`) or when
    the value breaks the contract; pydantic's ValidationError is a ValueError that names each field.
    """
    model = EVENTS.get(event_type)
    if model is None:
        raise ValueError(f"{event_type!r} is not one of our event types: {', '.join(sorted(EVENTS))}")
    return model.model_validate_json(value)


__all__ = [
    "EVENTS",
    "TOPIC_OF",
    "AccessGranted",
    "AccessRevoked",
    "Cause",
    "Contract",
    "CourseChanged",
    "DuplicateDetected",
    "DuplicateWithdrawn",
    "EnrollmentChanged",
    "Event",
    "OrderExpired",
    "OrderLine",
    "OrderPlaced",
    "OrderRevoked",
    "PaymentAccepted",
    "Price",
    "Source",
    "Terms",
    "parse_event",
]
