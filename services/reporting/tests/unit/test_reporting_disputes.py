"""Disputes in the ledger: withdrawn, reinstated and the fee, each on its own day."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from reporting_order_events import START, OrderEvents

from messaging.eventset.event import chronological
from reporting.domain.ledger import MoneyLine
from reporting.domain.sales import ledger_of
from schemas.rules import Booking

DAY = 60 * 24.0


def second(minutes: float) -> int:
    return int(START.timestamp() + minutes * 60)


WITHDRAWN = Booking("txn_1", second(DAY + 5), -5000, "eur", 1500)
REINSTATED = Booking("txn_2", second(30 * DAY), 5000, "eur")


def rows(order: OrderEvents) -> list[MoneyLine]:
    return [row for row in ledger_of("ord_1", chronological(order.events)).lines if row.kind != "sale"]


def booked(order: OrderEvents) -> list[tuple[str, str, float, int, int, int]]:
    """Kind, line, minutes after the start, disputed, tax and fee of each row."""
    return [
        (
            row.kind,
            row.line_id,
            (row.occurred_at - START).total_seconds() / 60,
            row.disputed,
            row.tax,
            row.fee,
        )
        for row in rows(order)
    ]


def test_a_lost_dispute_withdraws_the_sale_on_the_day_of_the_booking(order: OrderEvents) -> None:
    order.placed(3000, 2000)
    order.session(5000)
    order.dispute(5000, at=DAY, bookings=[WITHDRAWN])
    order.dispute(5000, at=60 * DAY, status="lost", bookings=[WITHDRAWN])
    assert booked(order) == [
        ("dispute_withdrawn", "line_1", DAY + 5, 3000, 0, 0),
        ("dispute_withdrawn", "line_2", DAY + 5, 2000, 0, 0),
        ("dispute_fee", "line_1", DAY + 5, 0, 0, 900),
        ("dispute_fee", "line_2", DAY + 5, 0, 0, 600),
    ]
    assert sum(row.gross - row.discount - row.refunded - row.disputed for row in ledger(order)) == 0


def ledger(order: OrderEvents) -> tuple[MoneyLine, ...]:
    return ledger_of("ord_1", chronological(order.events)).lines


def test_a_won_dispute_is_reinstated_on_its_own_day_and_the_fee_stays(order: OrderEvents) -> None:
    order.placed(5000)
    order.session(5000)
    order.dispute(5000, at=DAY, bookings=[WITHDRAWN])
    order.dispute(5000, at=31 * DAY, status="won", bookings=[WITHDRAWN, REINSTATED])
    assert booked(order) == [
        ("dispute_withdrawn", "line_1", DAY + 5, 5000, 0, 0),
        ("dispute_reinstated", "line_1", 30 * DAY, -5000, 0, 0),
        ("dispute_fee", "line_1", DAY + 5, 0, 0, 1500),
    ]


def test_the_fee_is_in_the_currency_of_the_balance(order: OrderEvents) -> None:
    order.placed(5000, currency="chf")
    order.session(5000, currency="chf")
    order.dispute(5000, currency="chf", bookings=[Booking("txn_1", second(DAY), -5200, "eur", 1500)])
    withdrawn, fee = rows(order)
    assert (withdrawn.currency, withdrawn.disputed, withdrawn.fee) == ("chf", 5000, 0)
    assert (fee.currency, fee.disputed, fee.fee) == ("eur", 0, 1500)


def test_a_dispute_over_a_part_takes_what_a_refund_of_it_would_take(order: OrderEvents) -> None:
    order.placed(3000, 2000)
    order.session(5950, before_tax=5000)
    order.dispute(2380, at=DAY)
    assert booked(order) == [("dispute_withdrawn", "line_2", DAY, 2000, -380, 0)]


def test_a_refund_after_a_dispute_is_of_what_the_dispute_left(order: OrderEvents) -> None:
    order.placed(3000, 2000)
    order.session(5000)
    order.dispute(2000, at=DAY, status="lost")
    order.refund(3000, at=2 * DAY)
    assert [(row.kind, row.line_id, row.refunded + row.disputed) for row in rows(order)] == [
        ("dispute_withdrawn", "line_2", 2000),
        ("refund", "line_1", 3000),
    ]


def test_an_inquiry_moves_no_money(order: OrderEvents) -> None:
    order.placed(5000)
    order.session(5000)
    order.dispute(5000, status="warning_needs_response")
    assert rows(order) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["needs_response", "won", "lost", "warning_closed"]),
            st.integers(1, 7000),
            st.sampled_from(["dp_1", "dp_2"]),
            st.integers(2, 9),
            st.sampled_from([(), (WITHDRAWN,), (WITHDRAWN, REINSTATED)]),
        ),
        max_size=5,
    ),
    st.lists(st.tuples(st.integers(1, 3000), st.integers(2, 9)), max_size=2),
    st.randoms(use_true_random=False),
)
def test_the_ledger_does_not_depend_on_the_order_of_arrival_and_balances(
    disputes: list[tuple[str, int, str, int, tuple[Booking, ...]]],
    refunds: list[tuple[int, int]],
    chance: random.Random,
) -> None:
    order = OrderEvents()
    order.placed(3000, 2000)
    order.session(5950, before_tax=5000)
    for status, amount, name, day, bookings in disputes:
        order.dispute(amount, at=day * DAY, status=status, dispute=name, bookings=bookings)
    for number, (amount, day) in enumerate(refunds):
        order.refund(amount, at=day * DAY, refund=f"re_{number}")
    expected = ledger(order)
    chance.shuffle(order.events)
    assert ledger(order) == expected
    by_move: dict[tuple[str, str], int] = {}
    for row in expected:
        if row.kind.startswith("dispute") and row.kind != "dispute_fee":
            key = row.reference, row.line_id
            by_move[key] = by_move.get(key, 0) + row.disputed - row.tax
    newest = {event.facts.dispute_id: event for event in chronological(order.events) if is_dispute(event)}
    for name, event in newest.items():
        taken = sum(amount for (reference, _), amount in by_move.items() if reference == name)
        assert taken == (event.facts.amount if event.status in ("needs_response", "lost") else 0)


def is_dispute(event: object) -> bool:
    return getattr(event, "type", "").startswith("charge.dispute.")
