"""What notifications stores of a message, and which messages it refuses."""

from __future__ import annotations

import pytest
from notifications_story import Story

from messaging.errors import Poison
from notifications.facts import event_of


def test_only_the_address_of_the_order_is_stored_and_nothing_of_stripes_customer(story: Story) -> None:
    order, session = event_of(story.placed()), event_of(story.session())

    assert "asha@example.com" in repr(order)
    assert "other@example.com" not in repr(session)
    assert "Asha" not in repr(session)


def test_a_dead_letter_names_the_field_and_leaves_out_personal_data(story: Story) -> None:
    placed = story.placed(email="asha at example.com")

    with pytest.raises(Poison, match="email") as refused:
        event_of(placed)

    assert "asha" not in refused.value.detail
