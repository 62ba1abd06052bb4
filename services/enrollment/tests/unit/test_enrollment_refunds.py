"""Refunds: a line is lost when it is fully refunded."""

import pytest
from enrollment_stories import DAY, Story

from enrollment.domain.refunds import Line, Refund, refunded_lines


def lost(prices: dict[str, int], *refunds: tuple[int, str]) -> str:
    lines = [Line(name, name, price) for name, price in prices.items()]
    given = [Refund(amount, tuple(names)) for amount, names in refunds]
    return "".join(sorted(refunded_lines(lines, given)))


@pytest.mark.parametrize(
    ("prices", "refunds", "expected"),
    [
        # all of it
        ({"a": 3000}, [(3000, "")], "a"),
        ({"a": 3000, "b": 2000}, [(5000, "")], "ab"),
        ({"a": 3000, "b": 2000}, [(5000, ""), (100, "")], "ab"),
        ({"a": 3000, "b": 2000}, [(1, ""), (4999, "")], "ab"),
        ({"a": 3000, "b": 0}, [(3000, "")], "ab"),
        # less than any line
        ({"a": 3000}, [(2999, "")], ""),
        ({"a": 3000, "b": 2000}, [(1999, "")], ""),
        ({"a": 3000, "b": 0}, [(100, "")], ""),
        ({"a": 3000}, [], ""),
        # what costs exactly this
        ({"a": 3000, "b": 2000}, [(3000, "")], "a"),
        ({"a": 3000, "b": 2000}, [(2000, "")], "b"),
        ({"a": 3000, "b": 2000}, [(500, ""), (2000, "")], "b"),
        ({"a": 2000, "b": 2000}, [(2000, "")], "a"),
        ({"a": 2000, "b": 2000}, [(2000, ""), (2000, "")], "ab"),
        # more than one line, less than all: the dearest that it covers
        ({"a": 3000, "b": 2000}, [(3500, "")], "a"),
        ({"a": 3000, "b": 2000}, [(3500, ""), (1500, "")], "ab"),
        ({"a": 3000, "b": 2000}, [(1000, ""), (1500, "")], "b"),
        # lines that are named
        ({"a": 3000, "b": 3000}, [(3000, "b")], "b"),
        ({"a": 3000, "b": 2000, "c": 1000}, [(3000, "bc")], "bc"),
        ({"a": 3000, "b": 2000}, [(1000, "a")], ""),
        ({"a": 3000, "b": 2000}, [(1000, "a"), (2000, "a")], "a"),
        ({"a": 3000, "b": 2000}, [(3000, "b")], "b"),
        ({"a": 3000, "b": 2000}, [(2500, "b"), (2500, "")], "ab"),
        ({"a": 3000, "b": 0}, [(0, "b")], "b"),
        ({"a": 3000}, [(3000, "z")], "a"),
    ],
)
def test_the_lines_that_a_sum_gives_back(prices, refunds, expected):
    assert lost(prices, *refunds) == expected


@pytest.mark.parametrize("status", ["pending", "requires_action", "canceled", "failed"])
def test_only_a_succeeded_refund_counts(status):
    story = Story().purchase("ord_1", ("python", 3000)).refund("ord_1", 3000, t=DAY, status=status)
    assert story.states() == {"python": "active"}


@pytest.mark.parametrize(("kind", "status"), [("failed", "failed"), ("updated", "canceled")])
def test_a_refund_that_fails_in_the_end_restores_the_course(kind, status):
    story = Story().purchase("ord_1", ("python", 3000)).refund("ord_1", 3000, t=DAY)
    assert story.states() == {"python": "revoked"}
    story.refund("ord_1", 3000, t=3 * DAY, kind=kind, status=status)
    assert story.states() == {"python": "active"}


def test_a_refund_known_by_its_charge_alone_finds_its_order():
    story = Story().purchase("ord_1", ("python", 3000)).refund("ord_1", 3000, t=DAY, only_charge=True)
    assert story.states() == {"python": "revoked"}


def test_a_partial_refund_by_line_takes_that_line_only():
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 3000))
    story.refund("ord_1", 3000, t=DAY, lines=["ord_1_l2"])
    assert story.states() == {"python": "active", "sql": "revoked"}


def test_charge_refunded_alone_decides_nothing():
    # It fires for partial refunds too and carries no refund: the refund's own event says what happened.
    story = Story().purchase("ord_1", ("python", 3000))
    story.charge("ord_1", 3000, t=DAY, kind="refunded", amount_refunded=3000, refunded=True)
    assert story.states() == {"python": "active"}


def test_within_a_second_the_proof_of_succession_decides():
    story = Story().purchase("ord_1", ("python", 3000))
    story.refund("ord_1", 3000, t=DAY, kind="updated", status="succeeded", previous={"status": "pending"})
    story.refund("ord_1", 3000, t=DAY, kind="created", status="pending")
    assert story.states() == {"python": "revoked"}
