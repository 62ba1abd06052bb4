"""When a dispute takes money and gives it back, and what disputes and refunds together take of an order."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import (
    Booking,
    Dispute,
    DisputeEffect,
    DisputeReport,
    Move,
    PaidLine,
    Refund,
    cover,
    read_disputes,
)

SECOND = 1_000_000
LINES = [PaidLine("a", 3000), PaidLine("b", 2000)]
WITHDRAWN = Booking("txn_1", 11, -5000, "eur", 1500)
REINSTATED = Booking("txn_2", 31, 5000, "eur")


def report(at: int, status: str | None, *bookings: Booking, **fields: Any) -> DisputeReport:
    given: dict[str, Any] = {"amount": 5000, "currency": "eur", "created": 10} | fields
    return DisputeReport("dp_1", at * SECOND, status, bookings=bookings, **given)


def moves(*reports: DisputeReport) -> list[tuple[int, int]]:
    [dispute] = read_disputes(reports)
    return [(move.sign, move.at // SECOND) for move in dispute.moves]


HISTORIES: dict[str, tuple[list[DisputeReport], list[tuple[int, int]]]] = {
    "open": ([report(12, "needs_response")], [(1, 12)]),
    "open, and booked": ([report(12, "needs_response", WITHDRAWN)], [(1, 11)]),
    "lost": ([report(12, "needs_response", WITHDRAWN), report(40, "lost", WITHDRAWN)], [(1, 11)]),
    "lost at once": ([report(12, "lost")], [(1, 12)]),
    "won": (
        [report(12, "needs_response", WITHDRAWN), report(40, "won", WITHDRAWN, REINSTATED)],
        [(1, 11), (-1, 31)],
    ),
    "won, and not booked yet": (
        [report(12, "needs_response", WITHDRAWN), report(40, "won", WITHDRAWN)],
        [(1, 11), (-1, 40)],
    ),
    "won without bookings": ([report(12, "needs_response"), report(40, "won")], [(1, 12), (-1, 40)]),
    "won, of which only the end is known": ([report(40, "won", WITHDRAWN, REINSTATED)], [(1, 11), (-1, 31)]),
    "won, then lost in an appeal": (
        [report(40, "won", WITHDRAWN, REINSTATED), report(60, "lost", WITHDRAWN, REINSTATED)],
        [(1, 11), (-1, 31), (1, 60)],
    ),
    "an inquiry": ([report(12, "warning_needs_response"), report(40, "warning_closed")], []),
    "an inquiry that became a chargeback": (
        [report(12, "warning_needs_response"), report(40, "needs_response")],
        [(1, 40)],
    ),
    "a fee alone moves nothing": ([report(12, "warning_closed", Booking("txn_1", 11, 0, "eur", 1500))], []),
    "without a status": ([report(12, None)], [(1, 12)]),
}


@pytest.mark.parametrize("history", HISTORIES)
def test_when_a_dispute_takes_money(history: str) -> None:
    reports, expected = HISTORIES[history]
    assert moves(*reports) == expected


def test_a_booking_that_several_events_list_counts_once() -> None:
    [dispute] = read_disputes([report(12, "needs_response", WITHDRAWN), report(13, "lost", WITHDRAWN)])
    assert dispute.bookings == (WITHDRAWN,)


def test_a_dispute_that_was_stored_without_its_time_is_dated_by_its_first_event() -> None:
    [dispute] = read_disputes([report(12, "needs_response", created=None), report(13, "lost", created=None)])
    assert (dispute.created, dispute.effect) == (12, DisputeEffect.LOST)


def dispute(status: str, amount: int | None = 5000, currency: str = "eur", name: str = "dp_1") -> Dispute:
    [found] = read_disputes([replace(report(20, status, amount=amount, currency=currency), dispute_id=name)])
    return found


def refund(amount: int, at: int = 5) -> Refund:
    return Refund("re_1", at, amount, "eur", moves=(Move(1, at * SECOND),))


COVERED: dict[str, tuple[list[Refund], list[Dispute], tuple[str, str, str, str]]] = {
    # Refunds, disputes; state, and the lines that refunds end, lost disputes end, open disputes suspend.
    "nothing": ([], [], ("paid", "", "", "")),
    "open over everything": ([], [dispute("needs_response")], ("disputed", "", "", "ab")),
    "lost over everything": ([], [dispute("lost")], ("charged_back", "", "ab", "")),
    "won": ([], [dispute("won")], ("paid", "", "", "")),
    "an inquiry": ([], [dispute("warning_needs_response")], ("paid", "", "", "")),
    "open over one line": ([], [dispute("needs_response", 2000)], ("paid", "", "", "b")),
    "lost over one line": ([], [dispute("lost", 2000)], ("partially_refunded", "", "b", "")),
    "open over a part of both": ([], [dispute("needs_response", 100)], ("paid", "", "", "")),
    "lost over a part of both": ([], [dispute("lost", 100)], ("partially_refunded", "", "", "")),
    "one line refunded, the rest disputed": (
        [refund(2000)],
        [dispute("needs_response", 3000)],
        ("disputed", "b", "", "a"),
    ),
    "one line refunded, the rest lost": (
        [refund(2000)],
        [dispute("lost", 3000)],
        ("charged_back", "b", "a", ""),
    ),
    "everything refunded, and disputed": ([refund(5000)], [dispute("lost")], ("refunded", "ab", "", "")),
    "one lost, one open": (
        [],
        [dispute("lost", 2000), dispute("needs_response", 3000, name="dp_2")],
        ("disputed", "", "b", "a"),
    ),
    "of an unknown amount": ([refund(2000)], [dispute("lost", None)], ("charged_back", "b", "a", "")),
    "in another currency": ([], [dispute("needs_response", 7, "usd")], ("disputed", "", "", "ab")),
}


@pytest.mark.parametrize("case", COVERED)
def test_what_refunds_and_disputes_take_of_an_order(case: str) -> None:
    refunds, disputes, (state, refunded, charged_back, withheld) = COVERED[case]
    found = cover(LINES, refunds, disputes, "eur")
    assert found.state == state
    assert found.refunded == set(refunded)
    assert found.charged_back == set(charged_back)
    assert found.withheld == set(withheld)


def test_what_a_dispute_takes_is_not_counted_as_refunded() -> None:
    found = cover(LINES, [refund(1000)], [dispute("lost", 2000)], "eur")
    assert (sum(found.refunded_amounts.values()), found.disputed_amount) == (1000, 2000)
    assert found.shares["dp_1"] == {"a": 1200, "b": 800}


STATUSES = ["needs_response", "under_review", "won", "lost", "warning_needs_response", "warning_closed"]


@given(
    st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(1, 6000), st.integers(1, 3)), max_size=4),
    st.lists(st.integers(1, 3000), max_size=2),
    st.randoms(use_true_random=False),
)
def test_a_line_is_lost_for_one_reason_and_nothing_is_taken_twice(
    given_disputes: list[tuple[str, int, int]], amounts: list[int], chance: random.Random
) -> None:
    refunds = [replace(refund(amount), refund_id=f"re_{n}") for n, amount in enumerate(amounts)]
    disputes = [
        dispute(status, amount, name=f"dp_{n}") for n, (status, amount, _) in enumerate(given_disputes)
    ]
    found = cover(LINES, refunds, disputes, "eur")
    lost = [*found.refunded, *found.charged_back, *found.withheld]
    assert len(lost) == len(set(lost))
    assert all(0 <= found.refunded_amounts[line.line_id] <= line.amount for line in LINES)
    for each in disputes:
        if each.moves:
            assert sum(found.shares[each.dispute_id].values()) == each.amount
    chance.shuffle(refunds)
    chance.shuffle(disputes)
    assert cover(LINES, refunds, disputes, "eur") == found
