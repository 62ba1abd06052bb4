"""What notifications stores of a message, and which messages it refuses."""

from __future__ import annotations

import pytest
from notifications_story import START, Story

from messaging.errors import Poison
from messaging.message import Message
from notifications.facts import event_of


def message(type_: str, value: bytes) -> Message:
    return Message("t", 0, 0, None, value, "evt_1", type_, "test", START)


def test_only_the_address_of_the_order_is_stored_and_nothing_of_stripes_customer(story: Story) -> None:
    order, session = event_of(story.placed()), event_of(story.session())

    assert "asha@example.com" in repr(order)
    assert "other@example.com" not in repr(session)
    assert "Asha" not in repr(session)


@pytest.mark.parametrize(
    "type_", ["payment_intent.succeeded", "charge.refunded", "checkout.session.expired", "masterji.new.v7"]
)
def test_event_types_that_no_mail_depends_on_are_ignored(type_: str) -> None:
    assert event_of(message(type_, b"not even JSON")) is None


@pytest.mark.parametrize("value", [b"", b"[]", b"null", b"{}", b"\xff", b'{"id": "evt_1"}'])
@pytest.mark.parametrize(
    "type_", ["masterji.order.placed.v1", "checkout.session.completed", "refund.updated"]
)
def test_a_message_that_breaks_its_contract_is_poison(type_: str, value: bytes) -> None:
    with pytest.raises(Poison):
        event_of(message(type_, value))


def test_a_dead_letter_names_the_field_and_leaves_out_personal_data(story: Story) -> None:
    placed = story.placed(email="asha at example.com")

    with pytest.raises(Poison, match="email") as refused:
        event_of(placed)

    assert "asha" not in refused.value.detail
