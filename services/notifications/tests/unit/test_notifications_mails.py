"""Which mails the events of an order lead to."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from notifications_story import Story

from messaging.eventset.event import Event, chronological, has_facts
from messaging.eventset.facts import Facts
from notifications.domain.contexts import ReceiptContext, RefundContext
from notifications.domain.facts import RefundFacts, SessionFacts
from notifications.domain.mails import Mail, mails_of
from notifications.facts import event_of
from schemas.contracts.files import EXAMPLES
from schemas.rules import line_ids_metadata

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
REFUNDS: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "rules" / "refunds.toml").read_text(encoding="utf-8")
)["example"]


def keys(story: Story) -> list[tuple[str, str]]:
    return [(mail.template, mail.about) for mail in mails(story)]


def mails(story: Story) -> tuple[Mail, ...]:
    return mails_of(story.order_id, chronological(events(story)))


def events(story: Story) -> list[Event[Facts]]:
    return [event for message in story.messages if (event := event_of(message))]


def replace(event: Event[Facts], **changes: Any) -> Event[Facts]:
    """The event with other facts."""
    return msgspec.structs.replace(event, facts=msgspec.structs.replace(event.facts, **changes))


def seconds(minutes: float) -> int:
    """The time of an event of a story, as Stripe reports it."""
    return int((START + timedelta(minutes=minutes)).timestamp())


def covered(mail: Mail) -> dict[str, tuple[int, bool]]:
    """What a refund mail states: line id -> amount, and whether its access ends."""
    return {
        line.line_id: (line.refunded, line.lost) for line in refunded(mail).lines if line.refunded is not None
    }


def paid(mail: Mail) -> ReceiptContext:
    assert isinstance(mail.context, ReceiptContext)
    return mail.context


def refunded(mail: Mail) -> RefundContext:
    assert isinstance(mail.context, RefundContext)
    return mail.context


def test_a_paid_order_leads_to_one_receipt_to_the_address_of_the_order(story: Story) -> None:
    story.placed(email="asha@example.com", locale="de")
    story.session(at=7)

    [mail] = mails(story)

    assert (mail.template, mail.about, mail.recipient, mail.locale) == (
        "receipt", "ord_1", "asha@example.com", "de"
    )  # fmt: skip
    assert mail.happened_at == START + timedelta(minutes=7)
    assert (paid(mail).total, paid(mail).tax) == (2000, 0)


def test_an_order_that_is_only_placed_leads_to_no_mail(story: Story) -> None:
    story.placed()

    assert keys(story) == []


def test_a_payment_of_an_unknown_order_leads_to_no_mail(story: Story) -> None:
    story.session()

    assert keys(story) == []


@pytest.mark.parametrize(
    "session",
    [
        {"status": "unpaid"},
        {"completion": "open", "status": "no_payment_required"},
        {"completion": "expired"},
        {"amount": 1999},
        {"amount": 1999, "tax": 1},
        {"currency": "usd"},
        {"mode": "subscription"},
    ],
    ids=str,
)
def test_a_session_that_does_not_pay_the_order_leads_to_no_mail(
    story: Story, session: dict[str, Any]
) -> None:
    story.placed()
    story.session(**session)

    assert keys(story) == []


def test_a_receipt_is_for_what_was_paid_with_the_tax_that_came_on_top(story: Story) -> None:
    story.placed()
    story.session(2000, tax=380)

    [mail] = mails(story)

    assert (paid(mail).total, paid(mail).tax) == (2380, 380)


def test_tax_that_the_price_includes_did_not_come_on_top(story: Story) -> None:
    story.placed()
    story.session(2000, included_tax=319)

    [mail] = mails(story)

    assert (paid(mail).total, paid(mail).tax) == (2000, 0)


def test_a_session_stored_without_its_amount_before_tax_is_judged_by_its_total(story: Story) -> None:
    story.placed({"list_amount": 2000})
    story.session(2000)
    stored = [
        replace(event, before_tax=UNSET) if has_facts(event, SessionFacts) else event
        for event in events(story)
    ]

    [mail] = mails_of("ord_1", chronological(stored))

    assert (mail.template, paid(mail).total, paid(mail).tax) == ("receipt", 2000, 0)


def test_a_session_that_checkout_did_not_make_leads_to_no_receipt(story: Story) -> None:
    story.placed(session_id="cs_other")
    story.session()

    assert mails(story) == ()


def test_a_delayed_payment_leads_to_its_receipt_when_it_settles(story: Story) -> None:
    story.placed()
    story.session(status="unpaid", at=1)
    story.session(late=True, at=60 * 24)

    assert [mail.happened_at for mail in mails(story)] == [START + timedelta(days=1)]


def test_an_order_with_nothing_to_pay_leads_to_a_receipt(story: Story) -> None:
    story.placed({"list_amount": 2000, "discount_amount": 2000})
    story.session(0, status="no_payment_required")

    assert keys(story) == [("receipt", "ord_1")]


def test_a_refund_leads_to_one_mail_when_it_succeeds(story: Story) -> None:
    story.placed()
    story.session()
    story.refund(status="pending", at=10)
    assert keys(story) == [("receipt", "ord_1")]

    story.refund(before="pending", at=20)
    story.refund(before="succeeded", status="failed", at=30)

    assert keys(story) == [("receipt", "ord_1"), ("refund", "re_ord_1")]
    assert mails(story)[1].happened_at == START + timedelta(minutes=20)


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
def test_a_refund_mail_states_whether_the_purchase_was_a_duplicate(
    story: Story, more: dict[str, Any], duplicate: bool
) -> None:
    story.placed()
    story.session()
    story.refund(**more)

    (_, refund) = mails(story)
    assert refunded(refund).duplicate is duplicate


def test_two_refunds_are_two_mails(story: Story) -> None:
    story.placed()
    story.session()
    story.refund(500, refund="re_a")
    story.refund(500, refund="re_b")

    assert keys(story) == [("receipt", "ord_1"), ("refund", "re_a"), ("refund", "re_b")]


@pytest.mark.parametrize("example", REFUNDS, ids=lambda example: example["case"])
def test_refund_mails_agree_with_the_shared_examples(story: Story, example: dict[str, Any]) -> None:
    bundles = example.get("bundles", {})
    total = sum(example["lines"].values())
    story.placed(
        *(
            {"line_id": line, "list_amount": amount, "bundle_id": bundles.get(line)}
            for line, amount in example["lines"].items()
        )
    )
    story.session(total, status="paid" if total else "no_payment_required")
    for refund in example["refunds"]:
        facts = {
            "refund": refund["id"],
            "created": seconds(refund["at"]),
            "metadata": line_ids_metadata(refund.get("names", ())),
        }
        story.refund(refund["amount"], at=refund["at"], **facts)
        if "undone_at" in refund:
            at = refund["undone_at"]
            story.refund(refund["amount"], at=at, status="failed", before="succeeded", **facts)

    found = {mail.about: covered(mail) for mail in mails(story) if mail.template == "refund"}

    assert {
        refund: {line: share for line, (share, _) in lines.items() if share}
        for refund, lines in found.items()
    } == example["shares"]
    ended = [line for lines in found.values() for line, (_, lost) in lines.items() if lost]
    assert sorted(ended) == example["lost"], "each line is in the mail of the one refund that ends its access"


def test_a_receipt_states_what_was_refunded_until_it_is_sent(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000)
    story.refund(2000)

    (receipt, _) = mails(story)

    assert (paid(receipt).total, paid(receipt).refunded, paid(receipt).ended) == (5000, 2000, ("line_2",))


def test_a_receipt_states_which_access_a_dispute_took(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000)
    story.dispute(5000, status="needs_response")

    (receipt,) = mails(story)

    assert (paid(receipt).refunded, paid(receipt).ended) == (0, ("line_1", "line_2"))


def test_a_refund_with_tax_covers_a_line_with_its_tax(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000, tax=950)
    story.refund(3570)

    (_, refund) = mails(story)

    assert covered(refund) == {"line_1": (3570, True)}


def test_a_refund_after_a_dispute_covers_what_the_dispute_left(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000)
    story.dispute(2000)
    story.refund(3000)

    (_, refund) = mails(story)

    assert covered(refund) == {"line_1": (3000, True)}


def test_a_later_refund_does_not_change_the_mail_of_an_earlier_one(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000)
    story.refund(1000, refund="re_a", at=10)
    (_, alone) = mails(story)
    story.refund(4000, refund="re_b", at=20)

    (_, first, second) = mails(story)

    assert first == alone
    assert covered(first) == {"line_1": (600, False), "line_2": (400, False)}
    assert covered(second) == {"line_1": (2400, True), "line_2": (1600, True)}


def test_a_refund_that_failed_before_its_mail_was_derived_ends_no_access(story: Story) -> None:
    story.placed()
    story.session()
    story.refund(at=10)
    story.refund(before="succeeded", status="failed", at=11)

    (_, refund) = mails(story)

    assert covered(refund) == {"line_1": (2000, False)}


def test_a_refund_of_another_payment_names_the_whole_order_without_amounts(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000)
    story.refund(3000, refund="re_other", payment="pi_other", metadata={"order_id": "ord_1"}, at=10)
    story.refund(2000, refund="re_own", at=20)

    (_, other, own) = mails(story)

    assert [line.line_id for line in refunded(other).lines] == ["line_1", "line_2"]
    assert covered(other) == {}
    assert covered(own) == {"line_2": (2000, True)}


def test_a_refund_of_a_payment_that_did_not_pay_the_order_is_mailed_without_a_receipt(story: Story) -> None:
    story.placed()
    story.session(1999)
    story.refund(1999)

    [refund] = mails(story)

    assert (refund.template, refunded(refund).amount) == ("refund", 1999)
    assert covered(refund) == {}


def test_a_refund_stored_without_its_creation_and_lines_is_still_mailed(story: Story) -> None:
    story.placed({"list_amount": 3000}, {"list_amount": 2000})
    story.session(5000)
    story.refund(3000, metadata={"line_ids": "line_2"})
    stored = [
        replace(event, created=None, line_ids=()) if has_facts(event, RefundFacts) else event
        for event in events(story)
    ]

    (_, refund) = mails_of("ord_1", chronological(stored))

    assert covered(refund) == {"line_1": (3000, True)}, "the names of lines were not stored"


@pytest.mark.parametrize("early", [True, False])
def test_a_payment_that_staff_accepted_has_a_receipt_over_what_was_paid(early: bool) -> None:
    story = Story()
    story.placed()
    story.session(1900, tax=100)
    assert mails(story) == ()
    story.accepted(at=0.5 if early else 2)
    [receipt] = mails(story)
    assert (paid(receipt).total, paid(receipt).tax) == (2000, 100)


class TestARefundThatOnlyItsChargeReports:
    def test_has_a_mail(self, story: Story) -> None:
        story.placed()
        story.session()
        story.charge_refunded()

        [_, mail] = mails(story)
        assert (mail.about, mail.unnamed) == ("ch_ord_1_refunded_2000", True)
        assert covered(mail) == {"line_1": (2000, True)}

    def test_gives_way_to_the_refund_that_an_event_names(self, story: Story) -> None:
        story.placed()
        story.session()
        story.charge_refunded()
        story.refund(created=seconds(60))

        [_, mail] = mails(story)
        assert (mail.about, mail.unnamed) == ("re_ord_1", False)
        assert mail.replaces == {"ch_ord_1_refunded_2000"}

    def test_of_another_amount_is_another_mail(self, story: Story) -> None:
        story.placed()
        story.session()
        story.charge_refunded()
        story.refund(500, created=seconds(60))

        assert {(mail.about, mail.replaces) for mail in mails(story)} == {
            ("ord_1", frozenset()),
            ("re_ord_1", frozenset()),
            ("ch_ord_1_refunded_2000", frozenset()),
        }
