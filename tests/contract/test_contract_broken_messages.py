"""A broken message is poison to every service that reads its type, and ignored by the others."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import checkout.facts
import enrollment.facts
import notifications.facts
import reporting.facts
from messaging.errors import Poison
from messaging.message import Message

READERS: dict[str, Callable[[Message], object]] = {
    "checkout": checkout.facts.event_of,
    "enrollment": enrollment.facts.event_of,
    "notifications": notifications.facts.event_of,
    "reporting": reporting.facts.event_of,
}
BROKEN = [b"", b"[]", b"null", b"{}", b"\xff", b'{"id": "evt_1"}']
READ_TYPES = {
    "checkout": ["checkout.session.completed", "refund.updated", "masterji.enrollment.changed.v1"],
    "enrollment": ["checkout.session.completed", "refund.updated", "masterji.order.placed.v1"],
    "notifications": ["checkout.session.completed", "refund.updated", "masterji.order.placed.v1"],
    "reporting": ["checkout.session.completed", "refund.updated", "masterji.order.placed.v1"],
}
IGNORED = {
    "notifications": ["payment_intent.succeeded", "charge.refunded", "checkout.session.expired"],
    "reporting": ["payment_intent.created", "charge.refunded", "checkout.session.expired"],
}


def message(event_type: str, value: bytes) -> Message:
    topic = "orders" if event_type.startswith("masterji.") else "stripe.other"
    return Message(topic, 0, 0, None, value, "evt_1", event_type, "test", datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("value", BROKEN)
@pytest.mark.parametrize(
    ("service", "event_type"), [(service, name) for service, names in READ_TYPES.items() for name in names]
)
def test_a_message_that_breaks_its_contract_is_poison(service: str, event_type: str, value: bytes) -> None:
    with pytest.raises(Poison):
        READERS[service](message(event_type, value))


@pytest.mark.parametrize(
    ("service", "event_type"),
    [(service, name) for service, names in IGNORED.items() for name in (*names, "masterji.new.v7")],
)
def test_types_that_a_service_does_not_need_are_not_even_decoded(service: str, event_type: str) -> None:
    assert READERS[service](message(event_type, b"not even JSON")) is None
