"""Refunds: a course is lost when nothing is left of what was paid for its line."""

import tomllib
from typing import Any

import pytest
from enrollment_messages import DAY, at
from enrollment_stories import Story, stored_without

from enrollment.domain import Policy, decide
from schemas.contracts.files import EXAMPLES
from schemas.events import OrderLine

TABLE: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "rules" / "refunds.toml").read_text(encoding="utf-8")
)["example"]


def courses(prices: dict[str, int], bundles: dict[str, str]) -> list[OrderLine]:
    """Return an order line for each course, with the id and price of the example."""
    return [
        OrderLine(
            line_id=name,
            kind="bundle" if name in bundles else "course",
            bundle_id=bundles.get(name),
            course_id=name,
            title=name,
            list_amount=price,
        )
        for name, price in prices.items()
    ]


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example["case"])
def test_refunds_revoke_the_courses_of_the_shared_examples(example):
    lines = courses(example["lines"], example.get("bundles", {}))
    story = Story().order("ord_1", *lines)
    story.session("ord_1", sum(example["lines"].values()))
    for each in example["refunds"]:
        options = {"refund": each["id"], "lines": each.get("names", ())}
        story.refund("ord_1", each["amount"], t=DAY + each["at"], **options)
        if "undone_at" in each:
            t = DAY + each["undone_at"]
            story.refund("ord_1", each["amount"], t=t, kind="failed", status="failed", **options)
    revoked = [course for course, state in story.states().items() if state == "revoked"]
    assert sorted(revoked) == example["lost"]


def test_tax_on_top_is_part_of_what_was_paid_for_a_line():
    # Paid for the lines: 3570 and 2380.
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 2000), tax=950)
    story.refund("ord_1", 3000, t=DAY, refund="re_1")
    assert story.states() == {"python": "active", "sql": "active"}
    story.refund("ord_1", 2950, t=2 * DAY, refund="re_2")
    assert story.states() == {"python": "revoked", "sql": "revoked"}


def test_the_price_of_a_line_with_its_tax_revokes_that_line():
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 2000), tax=950)
    assert story.refund("ord_1", 2380, t=DAY).states() == {"python": "active", "sql": "revoked"}


def test_a_refund_in_another_currency_does_not_count():
    story = Story().purchase("ord_1", ("python", 3000))
    assert story.refund("ord_1", 3000, t=DAY, currency="usd").states() == {"python": "active"}


def test_a_refund_of_another_payment_does_not_count():
    story = Story().purchase("ord_1", ("python", 3000)).purchase("ord_2", ("sql", 3000), t=DAY)
    assert story.refund("ord_2", 3000, t=2 * DAY).states() == {"python": "active", "sql": "revoked"}


def test_refunds_stored_without_their_creation_are_ordered_by_event_time():
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 2000))
    story.refund("ord_1", 1000, t=DAY, refund="re_2")
    story.refund("ord_1", 2400, t=2 * DAY, refund="re_1")
    decision = decide("user_1", stored_without(story, "created"), at(3 * DAY), Policy())
    # The first is spread 600 and 400, and the second equals what is left of Python.
    assert {access.course_id: access.state for access in decision.access} == {
        "python": "revoked",
        "sql": "active",
    }


def test_spaces_and_empty_parts_in_line_ids_are_ignored():
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 3000))
    story.refund("ord_1", 3000, t=DAY, lines=[" ord_1_l2 ", ""])
    assert story.states() == {"python": "active", "sql": "revoked"}


@pytest.mark.parametrize("status", ["pending", "requires_action", "canceled", "failed"])
def test_only_a_succeeded_refund_counts(status):
    story = Story().purchase("ord_1", ("python", 3000)).refund("ord_1", 3000, t=DAY, status=status)
    assert story.states() == {"python": "active"}


@pytest.mark.parametrize(("kind", "status"), [("failed", "failed"), ("updated", "canceled")])
def test_a_refund_that_fails_later_restores_access(kind, status):
    story = Story().purchase("ord_1", ("python", 3000)).refund("ord_1", 3000, t=DAY)
    assert story.states() == {"python": "revoked"}
    story.refund("ord_1", 3000, t=3 * DAY, kind=kind, status=status)
    assert story.states() == {"python": "active"}


def test_a_refund_that_names_only_its_charge_finds_its_order():
    story = Story().purchase("ord_1", ("python", 3000)).refund("ord_1", 3000, t=DAY, only_charge=True)
    assert story.states() == {"python": "revoked"}


def test_a_refund_that_names_a_line_revokes_only_that_line():
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 3000))
    story.refund("ord_1", 3000, t=DAY, lines=["ord_1_l2"])
    assert story.states() == {"python": "active", "sql": "revoked"}


def test_a_refund_that_only_its_charge_reports_revokes_the_course_until_it_fails():
    story = Story().purchase("ord_1", ("python", 3000))
    story.charge("ord_1", 3000, t=DAY, kind="refunded", amount_refunded=3000, captured=True)
    assert story.states() == {"python": "revoked"}
    story.refund("ord_1", 3000, t=2 * DAY, kind="failed", status="failed", created=DAY)
    assert story.states() == {"python": "active"}


def test_a_refund_of_a_part_that_its_charge_reports_first_is_allocated_by_its_own_event():
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 3000))
    story.charge("ord_1", 6000, t=DAY, kind="refunded", amount_refunded=3000, captured=True)
    assert story.states() == {"python": "active", "sql": "active"}
    story.refund("ord_1", 3000, t=DAY, lines=["ord_1_l2"])
    assert story.states() == {"python": "active", "sql": "revoked"}


def test_an_authorization_that_is_released_is_no_refund():
    story = Story().purchase("ord_1", ("python", 3000))
    story.charge("ord_1", 3000, t=DAY, kind="refunded", amount_refunded=3000, captured=False)
    assert story.states() == {"python": "active"}


def test_within_a_second_previous_attributes_decide_the_order():
    story = Story().purchase("ord_1", ("python", 3000))
    story.refund("ord_1", 3000, t=DAY, kind="updated", status="succeeded", previous={"status": "pending"})
    story.refund("ord_1", 3000, t=DAY, kind="created", status="pending")
    assert story.states() == {"python": "revoked"}
