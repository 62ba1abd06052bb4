"""When a course bought twice is refunded automatically, and when not: a table of situations."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checkout.domain import State
from checkout.domain.duplicates import Answer, Claim, Purchase, Verdict, decide_duplicate
from checkout.domain.refunds import RefundRequest, idempotency_key, metadata
from schemas.rules import line_ids_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=1)
FIRST = Purchase("ord_1", "usr_1", State.PAID, NOON, payment_intent_id="pi_1")
LATER = Purchase("ord_2", "usr_1", State.PAID, NOON + timedelta(minutes=5), payment_intent_id="pi_2")


def decided(
    later: Purchase = LATER,
    first: Purchase | None = FIRST,
    *,
    courses: Sequence[str] = ("ragas",),
    user: str = "usr_1",
    days: int | None = None,
) -> tuple[str, str]:
    verdict = decide_duplicate(later, courses, [Claim("ragas", user, first, days)], NOW)
    return verdict.answer.name, verdict.reason


def later(**changes: Any) -> dict[str, Any]:
    return {"later": replace(LATER, **changes)}


def first(**changes: Any) -> dict[str, Any]:
    return {"first": replace(FIRST, **changes)}


SITUATIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "both paid": ({}, "REFUND", "duplicate"),
    "the later is refunded": (later(state=State.REFUNDED), "DROP", "given_back"),
    "the later is partly refunded": (later(state=State.PARTIALLY_REFUNDED), "ASK", "partly_given_back"),
    "the later is not paid as far as we heard": (later(state=State.OPEN), "WAIT", "not_paid_yet"),
    "the later was closed and paid none the less": (later(state=State.EXPIRED), "WAIT", "not_paid_yet"),
    "the later was paid twice": (later(mismatch="The order was paid 2 times"), "ASK", "does_not_fit"),
    "an acceptance of the later has not arrived": (
        later(state=State.PROCESSING, mismatch="checkout did not make it"),
        "WAIT",
        "not_paid_yet",
    ),
    "an acceptance of the first has not arrived": (
        first(state=State.OPEN, mismatch="checkout did not make it"),
        "WAIT",
        "first_order_not_paid_yet",
    ),
    "the later is disputed": (later(dispute="needs_response"), "DROP", "disputed"),
    "the bank asks about the later": (later(dispute="warning_under_review"), "REFUND", "duplicate"),
    "a dispute of the later was won": (later(dispute="won"), "REFUND", "duplicate"),
    "the later cost nothing": (later(payment_intent_id=None), "DROP", "nothing_was_paid"),
    "an operator refunds the later": (later(refunds=["requested"]), "WAIT", "refund_under_way"),
    "a refund of the later failed": (later(refunds=["failed"]), "ASK", "refund_failed"),
    "a refund of the later was called off": (later(refunds=["canceled"]), "REFUND", "duplicate"),
    "the first is refunded": (first(state=State.REFUNDED), "DROP", "first_order_given_back"),
    "the first is partly refunded": (
        first(state=State.PARTIALLY_REFUNDED),
        "ASK",
        "first_order_partly_given_back",
    ),
    "a refund of the first failed that was asked for elsewhere": (
        first(refund_failed=True),
        "ASK",
        "first_order_refund_failed",
    ),
    "a refund of the later failed that was asked for elsewhere": (
        later(refund_failed=True),
        "ASK",
        "refund_failed",
    ),
    "a refund of the first failed before one succeeded": (
        first(refund_failed=True, state=State.REFUNDED),
        "DROP",
        "first_order_given_back",
    ),
    "the bank asks about the first": (
        first(dispute="warning_under_review"),
        "ASK",
        "first_order_inquiry",
    ),
    "the bank asked about the first": (first(dispute="warning_closed"), "REFUND", "duplicate"),
    "an operator refunds the first": (first(refunds=["pending"]), "WAIT", "first_order_refund_under_way"),
    "the first is refunded and has not arrived": (
        first(refunds=["succeeded"]),
        "WAIT",
        "first_order_refund_under_way",
    ),
    "the refund of the first failed": (first(refunds=["failed"]), "ASK", "first_order_refund_failed"),
    "stripe refused the refund of the first": (
        first(refunds=["refused"]),
        "ASK",
        "first_order_refund_failed",
    ),
    "the first is itself a duplicate": (first(refunds=["planned"]), "REFUND", "duplicate"),
    "the first was thought one": (first(refunds=["dropped"]), "REFUND", "duplicate"),
    "the first is disputed": (first(dispute="under_review"), "DROP", "first_order_disputed"),
    "a dispute of the first is lost": (first(dispute="lost"), "DROP", "first_order_disputed"),
    "the first was won back": (first(dispute="won"), "REFUND", "duplicate"),
    "the first is not paid as far as we heard": (
        first(state=State.PROCESSING),
        "WAIT",
        "first_order_not_paid_yet",
    ),
    "the first has a mismatch": (first(mismatch="49 usd"), "ASK", "first_order_does_not_fit"),
    "the first is unknown": ({"first": None}, "ASK", "first_order_is_unknown"),
    "the first cost nothing": (first(payment_intent_id=None), "REFUND", "duplicate"),
    "the first belongs to another user": (first(user_id="usr_2"), "ASK", "orders_of_two_users"),
    "the announcement is about another user": ({"user": "usr_2"}, "ASK", "orders_of_two_users"),
    "the first was paid later": (
        first(paid_at=NOON + timedelta(hours=1)),
        "ASK",
        "first_order_was_paid_later",
    ),
    "paid in one second: the id decides": (first(paid_at=LATER.paid_at), "REFUND", "duplicate"),
    "paid in one second, ids the other way": (
        first(paid_at=LATER.paid_at, order_id="ord_3"),
        "ASK",
        "first_order_was_paid_later",
    ),
    "the access of the first is over": ({"days": 1}, "DROP", "first_order_ended"),
    "the access of the first is not over yet": ({"days": 2}, "REFUND", "duplicate"),
    "another course came with the later": (
        {"courses": ("ragas", "talas")},
        "WAIT",
        "course_not_announced",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_situation_has_its_answer(situation: str) -> None:
    given, answer, reason = SITUATIONS[situation]
    assert decided(**given) == (answer, reason)


def test_all_first_orders_of_a_bundle_must_stand() -> None:
    other = replace(FIRST, order_id="ord_0", payment_intent_id="pi_0")
    claims = [Claim("ragas", "usr_1", FIRST), Claim("talas", "usr_1", other)]
    courses = ["ragas", "talas"]
    assert decide_duplicate(LATER, courses, claims, NOW).answer is Answer.REFUND
    claims[1] = Claim("talas", "usr_1", replace(other, state=State.REFUNDED))
    verdict = decide_duplicate(LATER, courses, claims, NOW)
    assert verdict == Verdict(Answer.DROP, "first_order_given_back")


def test_without_any_announcement_nothing_is_given_back() -> None:
    assert decide_duplicate(LATER, ["ragas"], [], NOW).answer is Answer.WAIT
    assert decide_duplicate(LATER, [], [], NOW).answer is not Answer.REFUND


def test_whoever_decides_in_whatever_order_the_earliest_order_stays() -> None:
    """Any number of orders, and claims old and new: the last one that stands is never refunded."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for _ in range(2000):
        orders = {
            f"ord_{n}": replace(
                FIRST,
                order_id=f"ord_{n}",
                payment_intent_id=f"pi_{n}",
                paid_at=NOON + timedelta(seconds=chance.randrange(3)),
            )
            for n in range(chance.randint(2, 4))
        }
        earliest = min(orders.values(), key=lambda order: (order.paid_at, order.order_id)).order_id
        # Claims as enrollment may have made them while it knew of some of the orders only.
        pairs = list(itertools.permutations(orders, 2))
        for one, other in chance.sample(pairs, chance.randint(1, len(pairs))):
            claim = Claim("ragas", "usr_1", orders[other])
            if decide_duplicate(orders[one], ["ragas"], [claim], NOW).answer is Answer.REFUND:
                orders[one] = replace(orders[one], state=State.REFUNDED)
        assert orders[earliest].state == State.PAID, f"seed {seed}"


REQUEST = RefundRequest("ref_1", "ord_1", "duplicate", 4900, "eur", "requested", 2, "pi_1")


def test_what_a_refund_says_of_itself() -> None:
    assert metadata(REQUEST) == {
        "masterji_order_id": "ord_1",
        "order_id": "ord_1",
        "refund_id": "ref_1",
        "reason": "duplicate",
    }
    assert idempotency_key(REQUEST) == "ref_1:2"


def test_a_refund_names_its_lines_whenever_they_are_known() -> None:
    assert metadata(replace(REQUEST, line_ids=["ord_1_1"]))["line_ids"] == "ord_1_1"
    named = metadata(replace(REQUEST, line_ids=[f"ord_1_{n}" for n in range(200)]))
    assert line_ids_of(named) == tuple(f"ord_1_{n}" for n in range(200))
    assert all(len(value) <= 500 for value in named.values())
