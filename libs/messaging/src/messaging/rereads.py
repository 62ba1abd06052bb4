"""Objects that were read again from Stripe, as messages.

A reread is recorded like any other event of Stripe's, and any event of a later second overrides it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from messaging.message import OutgoingMessage


def reread_message(topic: str, obj: dict[str, Any], event_type: str, at: datetime) -> OutgoingMessage:
    """Return the object as an event in Stripe's format. Its id consists of the object's id and the second.

    `at` is when Stripe answered, by its own clock.
    """
    seconds = int(at.timestamp())
    object_id = str(obj.get("id"))
    event_id = f"reread_{object_id}_{seconds}"[:255]
    body = {
        "id": event_id,
        "object": "event",
        "type": event_type,
        "created": seconds,
        "livemode": bool(obj.get("livemode", False)),
        "data": {"object": without_secrets(obj)},
    }
    return OutgoingMessage(
        topic=topic,
        key=object_id,
        id=event_id,
        type=event_type,
        source="stripe",
        time=at,
        value=msgspec.json.encode(body),
    )


def without_secrets(value: Any) -> Any:
    """Return the value without any `client_secret`, which authorizes a payment and must not be in Kafka."""
    if isinstance(value, dict):
        return {name: without_secrets(item) for name, item in value.items() if name != "client_secret"}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value
