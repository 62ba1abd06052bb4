"""The ledger's rules, as examples that an accountant can read."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.eventset.event import chronological
from reporting.domain.ledger import Ledger
from reporting.domain.sales import ledger_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ledger(story: Any, owner: str = "ord_1") -> Ledger:
    return ledger_of(owner, chronological(story.events))


def amounts(found: Ledger) -> list[tuple[str, str, int, int, int]]:
    return sorted((line.kind, line.line_id, line.gross, line.discount, line.refunded) for line in found.lines)


def test_a_paid_order_is_one_sale_line_for_each_order_line_dated_when_it_was_paid(story: Any) -> None:
    story.placed(2000, (1500, 500))
    story.session(3000, at=5)

    found = ledger(story)

    assert amounts(found) == [("sale", "line_1", 2000, 0, 0), ("sale", "line_2", 1500, 500, 0)]
    assert {line.occurred_at for line in found.lines} == {START + timedelta(minutes=5)}
    assert [line.orders for line in found.lines] == [1, 0]
    assert {(line.currency, line.country, line.category, line.user_id) for line in found.lines} == {
        ("eur", "DE", "music", "user_1")
    }
    assert found.unattributed == ()


@pytest.mark.parametrize("status", ["unpaid", None])
def test_a_completed_session_that_is_not_paid_sells_nothing(story: Any, status: str) -> None:
    story.placed(2000)
    story.session(2000, status=status)

    assert ledger(story) == Ledger()


def test_a_delayed_payment_is_a_sale_of_the_day_it_settled(story: Any) -> None:
    story.placed(2000)
    story.session(2000, status="unpaid", at=1)
    story.session(2000, late=True, at=60 * 24 * 3)

    assert [line.occurred_at for line in ledger(story).lines] == [START + timedelta(days=3)]


def test_an_order_with_nothing_to_pay_is_a_sale_of_its_list_price_all_discounted(story: Any) -> None:
    story.placed((2000, 2000))
    story.session(0, status="no_payment_required")

    assert amounts(ledger(story)) == [("sale", "line_1", 2000, 2000, 0)]


def test_two_events_for_one_payment_sell_once(story: Any) -> None:
    story.placed(2000)
    story.session(2000, at=5)
    story.session(2000, at=6)
    story.payment_succeeded(2000, at=4)

    assert amounts(ledger(story)) == [("sale", "line_1", 2000, 0, 0)]
    assert ledger(story).unattributed == ()


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [(1999, "eur", "amount_mismatch"), (2000, "usd", "currency_mismatch")],
)
def test_a_session_that_disagrees_with_its_order_is_flagged_and_not_sold(
    story: Any, amount: int, currency: str, reason: str
) -> None:
    story.placed(2000)
    story.payment_succeeded(amount, currency=currency)
    story.session(amount, currency=currency)

    found = ledger(story)

    assert found.lines == ()
    [row] = found.unattributed
    assert (row.reason, row.amount, row.currency) == (reason, amount, currency)
    assert (row.expected_amount, row.expected_currency) == (2000, "eur")


@pytest.mark.parametrize("before_tax", [1999, 2380])
def test_a_session_whose_price_before_tax_differs_is_flagged_even_if_its_total_agrees(
    story: Any, before_tax: int
) -> None:
    story.placed(2000)
    story.session(2000, before_tax=before_tax)

    assert [(row.reason, row.amount) for row in ledger(story).unattributed] == [("amount_mismatch", 2000)]


def test_tax_on_top_of_the_prices_is_booked_beside_them(story: Any) -> None:
    story.placed(2000, (1500, 500))
    story.payment_succeeded(3570)
    story.session(3570, before_tax=3000)

    found = ledger(story)

    assert amounts(found) == [("sale", "line_1", 2000, 0, 0), ("sale", "line_2", 1500, 500, 0)]
    assert [line.tax for line in found.lines] == [380, 190]
    assert found.unattributed == ()


def test_tax_that_the_prices_include_is_not_booked_apart(story: Any) -> None:
    story.placed(2000)
    story.session(2000, before_tax=2000)

    assert [(line.gross, line.tax) for line in ledger(story).lines] == [(2000, 0)]


def test_a_session_stored_without_its_price_before_tax_is_compared_by_its_total(story: Any) -> None:
    story.placed(2000)
    stored = story.session(2000)
    del stored.facts["before_tax"]

    assert amounts(ledger(story)) == [("sale", "line_1", 2000, 0, 0)]


@pytest.mark.parametrize("status", ["open", "expired", None])
def test_a_session_that_is_not_complete_sells_nothing_even_if_nothing_is_left_to_pay(
    story: Any, status: str | None
) -> None:
    story.placed((2000, 2000))
    story.session(0, status="no_payment_required", session_status=status)

    assert ledger(story) == Ledger()


def test_a_free_session_for_an_order_that_costs_something_is_flagged(story: Any) -> None:
    story.placed(2000)
    story.session(0, status="no_payment_required")

    assert [row.reason for row in ledger(story).unattributed] == ["amount_mismatch"]


def test_a_second_payment_of_the_same_order_is_shown_apart(story: Any) -> None:
    story.placed(2000)
    story.session(2000, at=1)
    story.session(2000, at=9, payment="pi_2")

    found = ledger(story)

    assert [line.payment_id for line in found.lines] == ["pi_1"]
    assert [(row.payment_id, row.reason, row.amount) for row in found.unattributed] == [
        ("pi_2", "paid_again", 2000)
    ]


def test_a_payment_for_an_order_that_was_never_placed_is_not_lost(story: Any) -> None:
    story.session(2000)

    assert [(row.reason, row.order_id) for row in ledger(story).unattributed] == [("order_unknown", "ord_1")]


def test_a_payment_whose_session_is_missing_is_not_lost(story: Any) -> None:
    story.placed(2000)
    story.payment_succeeded(2000)

    assert [row.reason for row in ledger(story).unattributed] == ["session_missing"]


def test_a_foreign_payment_and_its_refund_are_shown_under_the_payment(story: Any) -> None:
    story.payment_succeeded(700, ours=False)
    story.refund(200)

    [row] = ledger(story, "pi_1").unattributed
    assert (row.reason, row.amount, row.refunded, row.order_id) == ("foreign", 700, 200, None)


def test_a_foreign_payment_that_turns_out_to_be_ours_is_a_sale_and_foreign_no_more(story: Any) -> None:
    story.payment_succeeded(2000, ours=False)
    story.placed(2000)
    story.session(2000)

    assert ledger(story, "pi_1") == Ledger()
    assert amounts(ledger(story)) == [("sale", "line_1", 2000, 0, 0)]


class TestRefunds:
    def test_a_refund_is_a_negative_on_its_own_day(self, story: Any) -> None:
        story.placed(2000)
        story.session(2000)
        story.refund(2000, at=60 * 24 * 40)

        found = ledger(story)

        assert amounts(found) == [("refund", "line_1", 0, 0, 2000), ("sale", "line_1", 2000, 0, 0)]
        assert found.lines[1].occurred_at == START + timedelta(days=40)
        assert (found.lines[1].orders, found.lines[1].units) == (0, 0)

    @pytest.mark.parametrize("status", ["pending", "requires_action", "failed", "canceled"])
    def test_only_a_refund_that_succeeded_counts(self, story: Any, status: str) -> None:
        story.placed(2000)
        story.session(2000)
        story.refund(2000, status=status)

        assert [line.kind for line in ledger(story).lines] == ["sale"]

    def test_a_pending_refund_counts_on_the_day_it_succeeds(self, story: Any) -> None:
        story.placed(2000)
        story.session(2000)
        story.refund(2000, status="pending", at=60)
        story.refund(2000, at=60 * 24 * 2, before="pending")

        assert ledger(story).lines[1].occurred_at == START + timedelta(days=2)

    @pytest.mark.parametrize("end", ["failed", "canceled"])
    def test_a_refund_that_fails_later_is_taken_back_on_that_day(self, story: Any, end: str) -> None:
        story.placed(2000)
        story.session(2000)
        story.refund(2000, at=60)
        story.refund(2000, at=60 * 24 * 5, status=end, before="succeeded")

        found = ledger(story)

        assert [(line.kind, line.refunded) for line in found.lines] == [
            ("sale", 0), ("refund", 2000), ("refund_reversal", -2000)
        ]  # fmt: skip
        assert found.lines[2].occurred_at == START + timedelta(days=5)

    def test_a_partial_refund_is_spread_in_proportion_to_what_was_paid(self, story: Any) -> None:
        story.placed(2000, (2000, 1000))
        story.session(3000)
        story.refund(900)

        assert [line.refunded for line in ledger(story).lines if line.kind == "refund"] == [600, 300]

    def test_a_refund_that_equals_one_line_is_booked_on_that_line(self, story: Any) -> None:
        story.placed(2000, (2000, 1000))
        story.session(3000)
        story.refund(1000)

        assert [(line.line_id, line.refunded) for line in ledger(story).lines if line.kind == "refund"] == [
            ("line_2", 1000)
        ]

    def test_a_refund_that_names_lines_falls_on_those(self, story: Any) -> None:
        story.placed(2000, 1000)
        story.session(3000)
        story.refund(1000, lines=["line_2"])

        assert [(line.line_id, line.refunded) for line in ledger(story).lines if line.kind == "refund"] == [
            ("line_2", 1000)
        ]

    def test_lines_that_the_order_does_not_have_are_ignored(self, story: Any) -> None:
        story.placed(2000, 1000)
        story.session(3000)
        story.refund(300, lines=["line_9"])

        assert [line.refunded for line in ledger(story).lines if line.kind == "refund"] == [200, 100]

    def test_what_earlier_refunds_took_is_not_taken_again(self, story: Any) -> None:
        story.placed(2000, 1000)
        story.session(3000)
        story.refund(2000, refund="re_1", at=10, lines=["line_1"])
        story.refund(1000, refund="re_2", at=20)

        assert [
            (line.reference, line.line_id, line.refunded)
            for line in ledger(story).lines
            if line.kind == "refund"
        ] == [("re_1", "line_1", 2000), ("re_2", "line_2", 1000)]

    def test_the_refund_of_a_second_payment_does_not_touch_the_sale(self, story: Any) -> None:
        story.placed(2000)
        story.session(2000, at=1)
        story.session(2000, at=9, payment="pi_2")
        story.payment = "pi_2"
        story.refund(2000, at=20)

        found = ledger(story)

        assert [line.kind for line in found.lines] == ["sale"]
        assert [(row.payment_id, row.refunded) for row in found.unattributed] == [("pi_2", 2000)]

    @given(
        prices=st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
        cuts=st.lists(st.integers(0, 100), min_size=1, max_size=5),
    )
    def test_refunds_sum_exactly_and_never_exceed_a_line(
        self, new_story: Any, prices: list[int], cuts: list[int]
    ) -> None:
        story = new_story()
        total = sum(prices)
        story.placed(*prices)
        story.session(total)
        left, wanted = total, []
        for number, cut in enumerate(cuts):
            amount = left * cut // 100
            left -= amount
            wanted.append(amount)
            story.refund(amount, refund=f"re_{number}", at=10 + number)

        lines = ledger(story).lines

        for number, amount in enumerate(wanted):
            assert sum(line.refunded for line in lines if line.reference == f"re_{number}") == amount
        for line_number, price in enumerate(prices, start=1):
            taken = sum(line.refunded for line in lines if line.line_id == f"line_{line_number}")
            assert 0 <= taken <= price


def test_no_order_of_arrival_changes_the_ledger(story: Any) -> None:
    story.payment_succeeded(3000, ours=False, at=1)
    story.placed(2000, 1000, at=0)
    story.session(3000, at=1)
    story.refund(1000, at=30)
    story.refund(1000, at=40, status="failed", before="succeeded")

    ledgers = {
        ledger_of("ord_1", chronological(permutation)) for permutation in itertools.permutations(story.events)
    }

    assert len(ledgers) == 1
