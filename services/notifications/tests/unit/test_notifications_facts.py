"""What notifications stores of a message, and which messages it refuses."""

from __future__ import annotations

import json

import msgspec
import pytest
from notifications_story import Story

from messaging.errors import Poison
from notifications.facts import event_of


def test_only_the_address_of_the_order_is_stored_and_nothing_of_stripes_customer(story: Story) -> None:
    order = event_of(story.placed())
    others = [event_of(story.session()), event_of(story.session(metadata={})), event_of(story.charge())]

    assert "asha@example.com" in repr(order)
    assert None not in others
    assert "other@example.com" not in repr(others)
    assert "Asha" not in repr(others)


def test_a_dead_letter_names_the_field_and_leaves_out_personal_data(story: Story) -> None:
    placed = story.placed(email="asha at example.com")

    with pytest.raises(Poison, match="email") as refused:
        event_of(placed)

    assert "asha" not in refused.value.detail


def test_an_event_of_another_account_leads_to_nothing(story: Story) -> None:
    for message in (story.session(), story.refund()):
        body = json.loads(message.value) | {"account": "acct_other"}

        assert event_of(msgspec.structs.replace(message, value=json.dumps(body).encode())) is None
