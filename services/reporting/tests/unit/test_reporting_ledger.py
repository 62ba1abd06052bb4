"""Examples of the rules of the ledger."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from reporting_order_events import OrderEvents

from messaging.eventset.event import chronological
from reporting.domain.ledger import Ledger
from reporting.domain.sales import ledger_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ledger(order: OrderEvents, owner: str = "ord_1") -> Ledger:
    return ledger_of(owner, chronological(order.events))


def amounts(found: Ledger) -> list[tuple[str, str, int, int, int]]:
    return sorted((line.kind, line.line_id, line.gross, line.discount, line.refunded) for line in found.lines)


def test_a_paid_order_has_one_sale_row_per_line_dated_at_payment(order: OrderEvents) -> None:
    order.placed(2000, (1500, 500))
    order.session(3000, at=5)

    found = ledger(order)

    assert amounts(found) == [("sale", "line_1", 2000, 0, 0), ("sale", "line_2", 1500, 500, 0)]
    assert {line.occurred_at for line in found.lines} == {START + timedelta(minutes=5)}
    assert [line.orders for line in found.lines] == [1, 0]
    assert {(line.currency, line.country, line.category, line.user_id) for line in found.lines} == {
        ("eur", "DE", "music", "user_1")
    }
    assert found.unattributed == ()


@pytest.mark.parametrize("status", ["unpaid", None])
def test_a_complete_session_that_is_not_paid_is_no_sale(order: OrderEvents, status: str) -> None:
    order.placed(2000)
    order.session(2000, status=status)

    assert ledger(order) == Ledger()


def test_a_delayed_payment_is_a_sale_on_the_day_it_settled(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000, status="unpaid", at=1)
    order.session(2000, late=True, at=60 * 24 * 3)

    assert [line.occurred_at for line in ledger(order).lines] == [START + timedelta(days=3)]


def test_a_fully_discounted_order_is_a_sale_with_list_price_and_discount(order: OrderEvents) -> None:
    order.placed((2000, 2000))
    order.session(0, status="no_payment_required")

    assert amounts(ledger(order)) == [("sale", "line_1", 2000, 2000, 0)]


def test_several_events_about_one_payment_are_one_sale(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000, at=5)
    order.session(2000, at=6)
    order.payment_succeeded(2000, at=4)

    assert amounts(ledger(order)) == [("sale", "line_1", 2000, 0, 0)]
    assert ledger(order).unattributed == ()


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [(1999, "eur", "amount_mismatch"), (2000, "usd", "currency_mismatch")],
)
def test_a_session_that_does_not_match_its_order_is_unattributed_and_no_sale(
    order: OrderEvents, amount: int, currency: str, reason: str
) -> None:
    order.placed(2000)
    order.payment_succeeded(amount, currency=currency)
    order.session(amount, currency=currency)

    found = ledger(order)

    assert found.lines == ()
    [row] = found.unattributed
    assert (row.reason, row.amount, row.currency) == (reason, amount, currency)
    assert (row.expected_amount, row.expected_currency) == (2000, "eur")


@pytest.mark.parametrize("before_tax", [1999, 2380])
def test_a_session_whose_amount_before_tax_differs_is_unattributed_even_if_its_total_matches(
    order: OrderEvents, before_tax: int
) -> None:
    order.placed(2000)
    order.session(2000, before_tax=before_tax)

    assert [(row.reason, row.amount) for row in ledger(order).unattributed] == [("amount_mismatch", 2000)]


def test_tax_on_top_of_prices_is_booked_in_its_own_column(order: OrderEvents) -> None:
    order.placed(2000, (1500, 500))
    order.payment_succeeded(3570)
    order.session(3570, before_tax=3000)

    found = ledger(order)

    assert amounts(found) == [("sale", "line_1", 2000, 0, 0), ("sale", "line_2", 1500, 500, 0)]
    assert [line.tax for line in found.lines] == [380, 190]
    assert found.unattributed == ()


def test_tax_included_in_prices_is_not_booked_separately(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000, before_tax=2000)

    assert [(line.gross, line.tax) for line in ledger(order).lines] == [(2000, 0)]


def test_a_stored_session_without_amount_before_tax_is_compared_by_its_total(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000)
    order.stored_without("before_tax")

    assert amounts(ledger(order)) == [("sale", "line_1", 2000, 0, 0)]


@pytest.mark.parametrize("status", ["open", "expired", None])
def test_an_incomplete_session_is_no_sale_even_if_nothing_is_left_to_pay(
    order: OrderEvents, status: str | None
) -> None:
    order.placed((2000, 2000))
    order.session(0, status="no_payment_required", session_status=status)

    assert ledger(order) == Ledger()


def test_a_free_session_of_an_order_with_a_price_is_unattributed(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(0, status="no_payment_required")

    assert [row.reason for row in ledger(order).unattributed] == ["amount_mismatch"]


def test_a_session_that_checkout_did_not_make_is_unattributed(order: OrderEvents) -> None:
    placed = order.placed(2000)
    order.session(2000)
    order.events[0] = replace(placed, links={**placed.links, "session_id": "cs_other"})

    found = ledger(order)

    assert found.lines == ()
    assert [(row.reason, row.amount) for row in found.unattributed] == [("session_unknown", 2000)]


def test_a_second_payment_of_an_order_is_unattributed(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000, at=1)
    order.session(2000, at=9, payment="pi_2")

    found = ledger(order)

    assert [line.payment_id for line in found.lines] == ["pi_1"]
    assert [(row.payment_id, row.reason, row.amount) for row in found.unattributed] == [
        ("pi_2", "paid_again", 2000)
    ]


def test_a_payment_of_an_unknown_order_is_unattributed(order: OrderEvents) -> None:
    order.session(2000)

    assert [(row.reason, row.order_id) for row in ledger(order).unattributed] == [("order_unknown", "ord_1")]


def test_a_payment_without_a_session_is_unattributed(order: OrderEvents) -> None:
    order.placed(2000)
    order.payment_succeeded(2000)

    assert [row.reason for row in ledger(order).unattributed] == ["session_missing"]


def test_a_foreign_payment_is_unattributed_with_its_refund(order: OrderEvents) -> None:
    order.payment_succeeded(700, ours=False)
    order.refund(200)

    [row] = ledger(order, "pi_1").unattributed
    assert (row.reason, row.amount, row.refunded, row.order_id) == ("foreign", 700, 200, None)


def test_a_payment_without_an_order_becomes_a_sale_when_the_session_names_the_order(
    order: OrderEvents,
) -> None:
    order.payment_succeeded(2000, ours=False)
    order.placed(2000)
    order.session(2000)

    assert ledger(order, "pi_1") == Ledger()
    assert amounts(ledger(order)) == [("sale", "line_1", 2000, 0, 0)]


class TestRefunds:
    def test_a_refund_is_booked_on_its_own_day(self, order: OrderEvents) -> None:
        order.placed(2000)
        order.session(2000)
        order.refund(2000, at=60 * 24 * 40)

        found = ledger(order)

        assert amounts(found) == [("refund", "line_1", 0, 0, 2000), ("sale", "line_1", 2000, 0, 0)]
        assert found.lines[1].occurred_at == START + timedelta(days=40)
        assert (found.lines[1].orders, found.lines[1].units) == (0, 0)

    @pytest.mark.parametrize("status", ["pending", "requires_action", "failed", "canceled"])
    def test_only_a_refund_that_succeeded_counts(self, order: OrderEvents, status: str) -> None:
        order.placed(2000)
        order.session(2000)
        order.refund(2000, status=status)

        assert [line.kind for line in ledger(order).lines] == ["sale"]

    def test_a_pending_refund_counts_on_the_day_it_succeeds(self, order: OrderEvents) -> None:
        order.placed(2000)
        order.session(2000)
        order.refund(2000, status="pending", at=60)
        order.refund(2000, at=60 * 24 * 2, before="pending")

        assert ledger(order).lines[1].occurred_at == START + timedelta(days=2)

    @pytest.mark.parametrize("end", ["failed", "canceled"])
    def test_a_refund_that_fails_later_is_reversed_on_the_day_it_fails(
        self, order: OrderEvents, end: str
    ) -> None:
        order.placed(2000)
        order.session(2000)
        order.refund(2000, at=60)
        order.refund(2000, at=60 * 24 * 5, status=end, before="succeeded")

        found = ledger(order)

        assert [(line.kind, line.refunded) for line in found.lines] == [
            ("sale", 0), ("refund", 2000), ("refund_reversal", -2000)
        ]  # fmt: skip
        assert found.lines[2].occurred_at == START + timedelta(days=5)

    def test_a_partial_refund_is_spread_in_proportion_to_what_was_paid(self, order: OrderEvents) -> None:
        order.placed(2000, (2000, 1000))
        order.session(3000)
        order.refund(900)

        assert [line.refunded for line in ledger(order).lines if line.kind == "refund"] == [600, 300]

    def test_a_refund_that_equals_one_line_is_booked_on_that_line(self, order: OrderEvents) -> None:
        order.placed(2000, (2000, 1000))
        order.session(3000)
        order.refund(1000)

        assert [(line.line_id, line.refunded) for line in ledger(order).lines if line.kind == "refund"] == [
            ("line_2", 1000)
        ]

    def test_a_refund_that_names_lines_is_booked_on_these_lines(self, order: OrderEvents) -> None:
        order.placed(2000, 1000)
        order.session(3000)
        order.refund(1000, lines=["line_2"])

        assert [(line.line_id, line.refunded) for line in ledger(order).lines if line.kind == "refund"] == [
            ("line_2", 1000)
        ]

    def test_lines_that_the_order_does_not_have_are_ignored(self, order: OrderEvents) -> None:
        order.placed(2000, 1000)
        order.session(3000)
        order.refund(300, lines=["line_9"])

        assert [line.refunded for line in ledger(order).lines if line.kind == "refund"] == [200, 100]

    def test_a_later_refund_is_booked_on_what_earlier_refunds_left(self, order: OrderEvents) -> None:
        order.placed(2000, 1000)
        order.session(3000)
        order.refund(2000, refund="re_1", at=10, lines=["line_1"])
        order.refund(1000, refund="re_2", at=20)

        assert [
            (line.reference, line.line_id, line.refunded)
            for line in ledger(order).lines
            if line.kind == "refund"
        ] == [("re_1", "line_1", 2000), ("re_2", "line_2", 1000)]

    def test_a_refund_of_a_second_payment_does_not_change_the_sale(self, order: OrderEvents) -> None:
        order.placed(2000)
        order.session(2000, at=1)
        order.session(2000, at=9, payment="pi_2")
        order.payment = "pi_2"
        order.refund(2000, at=20)

        found = ledger(order)

        assert [line.kind for line in found.lines] == ["sale"]
        assert [(row.payment_id, row.refunded) for row in found.unattributed] == [("pi_2", 2000)]

    @given(
        prices=st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
        cuts=st.lists(st.integers(0, 100), min_size=1, max_size=5),
    )
    def test_refunds_sum_exactly_and_never_exceed_a_line(
        self, new_order: Callable[..., OrderEvents], prices: list[int], cuts: list[int]
    ) -> None:
        order = new_order()
        total = sum(prices)
        order.placed(*prices)
        order.session(total)
        left, wanted = total, []
        for number, cut in enumerate(cuts):
            amount = left * cut // 100
            left -= amount
            wanted.append(amount)
            order.refund(amount, refund=f"re_{number}", at=10 + number)

        lines = ledger(order).lines

        for number, amount in enumerate(wanted):
            assert sum(line.refunded for line in lines if line.reference == f"re_{number}") == amount
        for line_number, price in enumerate(prices, start=1):
            taken = sum(line.refunded for line in lines if line.line_id == f"line_{line_number}")
            assert 0 <= taken <= price


def test_the_ledger_does_not_depend_on_the_order_of_arrival(order: OrderEvents) -> None:
    order.payment_succeeded(3000, ours=False, at=1)
    order.placed(2000, 1000, at=0)
    order.session(3000, at=1)
    order.refund(1000, at=30)
    order.refund(1000, at=40, status="failed", before="succeeded")

    ledgers = {
        ledger_of("ord_1", chronological(permutation)) for permutation in itertools.permutations(order.events)
    }

    assert len(ledgers) == 1


@pytest.mark.parametrize(
    ("paid", "gross", "discount"), [(2900, [2000, 1500], [100, 500]), (3100, [2000, 1500], [0, 400])]
)
def test_a_payment_that_staff_accepted_is_a_sale_over_what_was_paid(
    order: OrderEvents, paid: int, gross: list[int], discount: list[int]
) -> None:
    order.placed(2000, (1500, 500))
    settled = order.session(paid, at=5)
    assert [row.reason for row in ledger(order).unattributed] == ["amount_mismatch"]

    order.accepted(settled.facts.session_id, at=9)
    found = ledger(order)
    assert found.unattributed == ()
    assert sum(line.gross - line.discount + line.tax for line in found.lines) == paid
    assert {line.tax for line in found.lines} == {0}

    order.refund(paid)
    assert sum(line.refunded for line in ledger(order).lines) == paid
    for events in itertools.permutations(order.events):
        assert ledger_of("ord_1", chronological(events)) == ledger(order)


def test_a_payment_in_another_currency_is_not_accepted(order: OrderEvents) -> None:
    order.placed(2000)
    settled = order.session(2000, currency="usd")
    order.accepted(settled.facts.session_id)
    assert [row.reason for row in ledger(order).unattributed] == ["currency_mismatch"]
