"""Refunds in the ledger: the shared examples, and properties of every order."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting_order_events import OrderEvents

from messaging.eventset.event import chronological
from reporting.domain.facts import PaymentFacts, RefundFacts, SessionFacts
from reporting.domain.ledger import Ledger, MoneyLine
from reporting.domain.sales import ledger_of
from schemas.contracts.files import EXAMPLES

TABLE: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "rules" / "refunds.toml").read_text(encoding="utf-8")
)["example"]


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example["case"])
def test_refunds_are_booked_on_lines_as_in_the_shared_examples(
    order: OrderEvents, example: dict[str, Any]
) -> None:
    line_ids, paid = list(example["lines"]), list(example["lines"].values())
    order.placed(*paid, line_ids=line_ids, bundles=example.get("bundles"), at=-1)
    order.session(sum(paid), at=-1)
    for refund in example["refunds"]:
        common = {"refund": refund["id"], "lines": refund.get("names", ())}
        order.refund(refund["amount"], at=refund["at"] / 60, **common)
        if "undone_at" in refund:
            at = refund["undone_at"] / 60
            order.refund(refund["amount"], at=at, status="failed", before="succeeded", **common)

    rows = ledger_of("ord_1", chronological(order.events)).lines

    shares: dict[str, dict[str, int]] = defaultdict(dict)
    remaining = dict.fromkeys(line_ids, 0)
    for row in rows:
        remaining[row.line_id] += row.gross - row.discount - row.refunded
        if row.kind == "refund":
            shares[row.reference][row.line_id] = row.refunded
    assert shares == example["shares"]
    assert {line: max(amount, 0) for line, amount in remaining.items()} == example["remaining"]


def booked(order: OrderEvents) -> Ledger:
    return ledger_of("ord_1", chronological(order.events))


def refunds(found: Ledger) -> list[tuple[str, str, str, int, int]]:
    return [
        (row.kind, row.reference, row.line_id, row.refunded, row.tax)
        for row in found.lines
        if row.kind != "sale"
    ]


def test_a_refund_of_a_taxed_order_refunds_price_and_tax_in_proportion(order: OrderEvents) -> None:
    order.placed(3000, 2000)
    order.session(5950, before_tax=5000)
    order.refund(3570, refund="re_1", at=10)
    order.refund(1190, refund="re_2", at=20)

    assert refunds(booked(order)) == [
        ("refund", "re_1", "line_1", 3000, -570),
        ("refund", "re_2", "line_2", 1000, -190),
    ]


def test_all_refunds_of_a_taxed_line_end_at_its_price_and_its_tax(order: OrderEvents) -> None:
    order.placed(100)
    order.session(119, before_tax=100)
    for number, amount in enumerate([1, 1, 1, 50, 66]):
        order.refund(amount, refund=f"re_{number}", at=10 + number)

    rows = refunds(booked(order))

    assert [price - tax for *_, price, tax in rows] == [1, 1, 1, 50, 66]
    assert (sum(row[3] for row in rows), sum(row[4] for row in rows)) == (100, -19)


@pytest.mark.parametrize(
    ("price", "paid", "amounts", "expected"),
    [
        pytest.param(
            100,
            150,
            (1, 1, 149),
            [
                ("refund", "re_1", "line_1", 1, 0),
                ("refund", "re_2", "line_1", 0, -1),
                ("refund_reversal", "re_1", "line_1", -1, 0),
                ("refund", "re_3", "line_1", 100, -49),
            ],
            id="returns the price and the tax of its own refund",
        ),
        pytest.param(
            50,
            55,
            (5, 1, 3),
            [
                ("refund", "re_1", "line_1", 5, 0),
                ("refund", "re_2", "line_1", 0, -1),
                ("refund_reversal", "re_1", "line_1", -5, 0),
                ("refund", "re_3", "line_1", 3, 0),
            ],
            id="leaves rounding that refunds no more price than the refund",
        ),
    ],
)
def test_a_reversal(
    order: OrderEvents,
    price: int,
    paid: int,
    amounts: tuple[int, int, int],
    expected: list[tuple[str, str, str, int, int]],
) -> None:
    order.placed(price)
    order.session(paid, before_tax=price)
    first, second, third = amounts
    order.refund(first, refund="re_1", at=10)
    order.refund(second, refund="re_2", at=20)
    order.refund(first, refund="re_1", at=30, status="failed", before="succeeded")
    order.refund(third, refund="re_3", at=40)

    assert refunds(booked(order)) == expected


def test_a_refund_that_succeeds_again_is_booked_again(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000)
    order.refund(500, at=10)
    order.refund(500, at=20, status="failed", before="succeeded")
    order.refund(500, at=30, before="failed")

    found = booked(order)

    assert [(row.kind, row.step, row.refunded) for row in found.lines[1:]] == [
        ("refund", 0, 500),
        ("refund_reversal", 1, -500),
        ("refund", 2, 500),
    ]


def test_a_refund_stored_without_its_creation_is_dated_by_its_first_event(order: OrderEvents) -> None:
    order.placed(3000, 2000)
    order.session(5000)
    order.refund(1000, refund="re_2", at=10)
    order.refund(2400, refund="re_1", at=20)
    order.stored_without("created")

    assert refunds(booked(order)) == [
        ("refund", "re_2", "line_1", 600, 0),
        ("refund", "re_2", "line_2", 400, 0),
        ("refund", "re_1", "line_1", 2400, 0),
    ]


def test_a_refund_in_another_currency_is_not_booked(order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000)
    order.refund(2000, currency="usd")

    assert refunds(booked(order)) == []


AMOUNTS = st.integers(1, 400)


@st.composite
def random_orders(draw: st.DrawFn, new_order: Callable[..., OrderEvents]) -> Any:
    """An order with up to four lines, tax on top or none, up to two payments, and refunds that may fail."""
    order = new_order()
    prices = draw(st.lists(st.integers(0, 300), min_size=1, max_size=4))
    bundled = draw(st.booleans())
    total = sum(prices)
    tax = draw(st.integers(0, 90))
    order.placed(*prices, at=0, bundles={"line_1": "kit", "line_2": "kit"} if bundled else None)
    order.payment_succeeded(total + tax, at=1, ours=draw(st.booleans()))
    order.session(total + tax, at=1, before_tax=total - draw(st.sampled_from([0, 0, 0, 1])))
    if draw(st.booleans()):
        order.session(total, at=2, payment="pi_2")
    for number in range(draw(st.integers(0, 5))):
        common = {
            "refund": f"re_{number}",
            "lines": draw(st.lists(st.sampled_from(["line_1", "line_2", "line_9"]), max_size=2)),
        }
        amount, at = draw(AMOUNTS), 10 + number
        order.refund(amount, at=at, **common)
        if draw(st.booleans()):
            undone = at + draw(st.integers(0, 6))
            order.refund(amount, at=undone, status="failed", before="succeeded", **common)
    return order


def money(row: MoneyLine) -> int:
    """The money that moved: received if positive, refunded if negative."""
    return row.gross - row.discount - row.refunded + row.tax


@given(data=st.data())
def test_every_received_amount_is_in_exactly_one_place(
    new_order: Callable[..., OrderEvents], data: st.DataObject
) -> None:
    order = data.draw(random_orders(new_order))
    received = {
        event.facts.payment_id: event.facts.amount
        for event in order.events
        if isinstance(event.facts, PaymentFacts | SessionFacts) and event.facts.amount
    }

    found = booked(order)

    on_lines: dict[str, int] = defaultdict(int)
    for row in found.lines:
        if row.kind == "sale":
            on_lines[row.payment_id] += money(row)
    unattributed = {row.payment_id: row.amount for row in found.unattributed if row.amount}
    assert not on_lines.keys() & unattributed.keys()
    assert {key: amount for key, amount in on_lines.items() if amount} | unattributed == received


@given(data=st.data())
def test_rows_of_a_refund_sum_to_it_and_a_reversal_negates_them(
    new_order: Callable[..., OrderEvents], data: st.DataObject
) -> None:
    order = data.draw(random_orders(new_order))
    amounts = {e.facts.refund_id: e.facts.amount for e in order.events if isinstance(e.facts, RefundFacts)}

    found = booked(order)

    parts: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for row in found.lines:
        if row.kind != "sale":
            parts[row.reference, row.kind].append((row.line_id, row.refunded, row.tax))
    for (refund_id, kind), rows in parts.items():
        sign = 1 if kind == "refund" else -1
        assert sum(refunded - tax for _, refunded, tax in rows) == sign * amounts[refund_id]
        assert all(sign * refunded >= 0 and sign * tax <= 0 for _, refunded, tax in rows)
        if kind == "refund_reversal":
            negated = [(line_id, -refunded, -tax) for line_id, refunded, tax in rows]
            assert negated == parts[refund_id, "refund"]
    if found.lines and found.lines[0].payment_id == "pi_1":
        assert {refund_id for refund_id, _ in parts} == amounts.keys()
    else:
        assert not parts


@given(data=st.data())
def test_refunding_all_that_is_left_leaves_neither_price_nor_tax_on_any_line(
    new_order: Callable[..., OrderEvents], data: st.DataObject
) -> None:
    order = new_order()
    prices = data.draw(st.lists(st.integers(0, 300), min_size=1, max_size=4))
    left = total = sum(prices) + data.draw(st.integers(0, 90))
    order.placed(*prices, at=0)
    order.session(total, at=1, before_tax=sum(prices))
    for number in range(data.draw(st.integers(0, 5))):
        amount = data.draw(st.integers(0, left))
        order.refund(amount, refund=f"re_{number}", at=10 + number)
        if data.draw(st.booleans()):
            order.refund(amount, refund=f"re_{number}", at=11 + number, status="failed", before="succeeded")
        else:
            left -= amount
    order.refund(left, refund="re_last", at=100)

    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in booked(order).lines:
        price, tax = sums[row.line_id]
        sums[row.line_id] = price + row.gross - row.discount - row.refunded, tax + row.tax

    assert set(sums.values()) == {(0, 0)}


@given(data=st.data())
def test_a_later_refund_or_failure_changes_no_earlier_row(
    new_order: Callable[..., OrderEvents], data: st.DataObject
) -> None:
    order = data.draw(random_orders(new_order))
    before = booked(order).lines
    order.refund(data.draw(AMOUNTS), refund="re_late", at=100)
    for facts in [event.facts for event in order.events]:
        chosen = data.draw(st.sampled_from(["re_0", "re_1", "re_late"]))
        if isinstance(facts, RefundFacts) and facts.refund_id == chosen:
            at = 200 + len(order.events)
            order.refund(facts.amount, refund=chosen, at=at, status="failed", lines=facts.line_ids)

    assert booked(order).lines[: len(before)] == before


def test_a_refund_that_only_its_charge_reports_is_booked_on_the_day_of_that_event(order: OrderEvents) -> None:
    order.placed(3000, 2000)
    order.session(5000)
    order.charge_refunded(2000, at=60 * 24)
    assert refunds(booked(order)) == [("refund", "ch_1_refunded_2000", "line_2", 2000, 0)]

    order.refund(2000, at=60 * 24, lines=["line_1"])
    assert refunds(booked(order)) == [("refund", "re_1", "line_1", 2000, 0)]


def test_a_payment_without_an_order_is_refunded_by_what_its_charge_states(order: OrderEvents) -> None:
    order.payment_succeeded(5000)
    order.charge_refunded(5000)
    [row] = booked(order).unattributed
    assert (row.amount, row.refunded) == (5000, 5000)
