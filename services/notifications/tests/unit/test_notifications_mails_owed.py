"""Which mails an order is owed, as examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from notifications_story import Story

from messaging.errors import Poison
from messaging.eventset.event import chronological
from messaging.message import Message
from notifications.domain.mails import Mail, Policy, mails_of
from notifications.facts import event_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def owed(story: Story) -> list[tuple[str, str]]:
    return [(mail.template, mail.about) for mail in mails(story)]


def mails(story: Story) -> tuple[Mail, ...]:
    events = [event for message in story.messages if (event := event_of(message))]
    return mails_of(story.order_id, chronological(events))


def test_a_paid_order_is_owed_one_receipt_to_the_address_of_the_order(story: Story) -> None:
    story.placed(email="asha@example.com", locale="de")
    story.session(at=7)

    [mail] = mails(story)

    assert (mail.template, mail.about, mail.recipient, mail.locale) == (
        "receipt", "ord_1", "asha@example.com", "de"
    )  # fmt: skip
    assert mail.happened_at == START + timedelta(minutes=7)
    assert mail.context["total"] == 2000


def test_an_order_that_is_only_placed_is_owed_nothing(story: Story) -> None:
    story.placed()

    assert owed(story) == []


def test_a_payment_whose_order_is_still_unknown_is_owed_nothing_yet(story: Story) -> None:
    story.session()

    assert owed(story) == []


@pytest.mark.parametrize(
    "session",
    [
        {"status": "unpaid"},
        {"amount": 1999},
        {"currency": "usd"},
        {"mode": "subscription"},
    ],
    ids=str,
)
def test_a_session_that_does_not_pay_the_order_is_owed_nothing(story: Story, session: dict[str, Any]) -> None:
    story.placed()
    story.session(**session)

    assert owed(story) == []


def test_a_delayed_payment_is_owed_its_receipt_when_it_settles(story: Story) -> None:
    story.placed()
    story.session(status="unpaid", at=1)
    story.session(late=True, at=60 * 24)

    assert [mail.happened_at for mail in mails(story)] == [START + timedelta(days=1)]


def test_an_order_with_nothing_to_pay_is_owed_its_receipt(story: Story) -> None:
    story.placed({"list_amount": 2000, "discount_amount": 2000})
    story.session(0, status="no_payment_required")

    assert owed(story) == [("receipt", "ord_1")]


def test_a_refund_is_owed_a_mail_once_it_succeeded_and_only_one(story: Story) -> None:
    story.placed()
    story.session()
    story.refund(status="pending", at=10)
    assert owed(story) == [("receipt", "ord_1")]

    story.refund(before="pending", at=20)
    story.refund(before="succeeded", status="failed", at=30)

    assert owed(story) == [("receipt", "ord_1"), ("refund", "re_ord_1")]


@pytest.mark.parametrize(
    ("more", "duplicate"),
    [
        ({"metadata": {"reason": "duplicate", "refund_id": "ref_1"}}, True),
        ({"reason": "duplicate"}, True),
        ({"metadata": {"reason": "requested_by_customer"}, "reason": "requested_by_customer"}, False),
        ({"metadata": {"reason": "a duplicate, I think"}}, False),
        ({"metadata": None}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_refund_says_if_it_is_for_what_was_bought_twice(
    story: Story, more: dict[str, Any], duplicate: bool
) -> None:
    story.placed()
    story.session()
    story.refund(**more)

    (_, refund) = mails(story)
    assert refund.context["duplicate"] is duplicate


def test_two_refunds_are_two_mails(story: Story) -> None:
    story.placed()
    story.session()
    story.refund(500, refund="re_a")
    story.refund(500, refund="re_b")

    assert owed(story) == [("receipt", "ord_1"), ("refund", "re_a"), ("refund", "re_b")]


def test_the_address_that_is_kept_is_the_orders_and_nothing_of_stripes_customer(story: Story) -> None:
    story.placed()
    story.session()

    kept = [event_of(message) for message in story.messages]

    assert "other@example.com" not in repr(kept[1])
    assert "Asha" not in repr(kept[1])


@pytest.mark.parametrize(
    "type_", ["payment_intent.succeeded", "charge.refunded", "checkout.session.expired", "masterji.new.v7"]
)
def test_what_no_mail_depends_on_is_ignored(type_: str) -> None:
    assert event_of(message(type_, b"not even JSON")) is None


@pytest.mark.parametrize("value", [b"", b"[]", b"null", b"{}", b"\xff", b'{"id": "evt_1"}'])
@pytest.mark.parametrize(
    "type_", ["masterji.order.placed.v1", "checkout.session.completed", "refund.updated"]
)
def test_a_message_that_breaks_its_contract_is_poison(type_: str, value: bytes) -> None:
    with pytest.raises(Poison):
        event_of(message(type_, value))


@pytest.mark.parametrize(
    ("age", "not_before", "reason"),
    [
        (timedelta(hours=71), None, None),
        (timedelta(hours=73), None, "too_old"),
        (timedelta(hours=1), timedelta(hours=2), None),
        (timedelta(hours=3), timedelta(hours=2), "not_before"),
    ],
)
def test_mails_about_the_past_are_not_sent(
    story: Story, age: timedelta, not_before: timedelta | None, reason: str | None
) -> None:
    story.placed()
    story.session(at=0)
    [mail] = mails(story)
    now = START + age
    policy = Policy(timedelta(hours=72), now - not_before if not_before else None)

    assert policy.skip(mail, now) == reason


def message(type_: str, value: bytes) -> Message:
    return Message("t", 0, 0, None, value, "evt_1", type_, "test", START)


def test_a_dead_letter_tells_the_field_and_not_the_customers_data(story: Story) -> None:
    placed = story.placed(email="asha at example.com")

    with pytest.raises(Poison, match="email") as refused:
        event_of(placed)

    assert "asha" not in refused.value.detail
