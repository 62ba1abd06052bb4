"""The lines of a paid order: what was paid and refunded for each, and when it lost its access."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from checkout_events import LINE, NOW, ORDER, PAID, RAN_OUT, UNPAID, at, refund, session, stands

from checkout.domain import (
    OrderRecord,
    RecordedLine,
    State,
    holds,
)
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts

TWO = replace(ORDER, lines=(RecordedLine("a", 3000), RecordedLine("b", 1900)))


def lines(*events: Event[Facts], order: OrderRecord = TWO) -> dict[str, tuple[int, int, datetime | None]]:
    return {
        line_id: (line.paid, line.refunded, line.refunded_at)
        for line_id, line in stands(*events, order=order).lines.items()
    }


def test_an_order_without_a_payment_has_no_paid_lines() -> None:
    assert lines() == lines(UNPAID) == lines(RAN_OUT) == {}


def test_a_refund_of_one_lines_price_takes_this_line_only() -> None:
    events = (PAID, refund("succeeded", 60, 1900))
    assert lines(*events) == {"a": (3000, 0, None), "b": (1900, 1900, at(60))}
    found = stands(*events, order=TWO)
    assert found.state is State.PARTIALLY_REFUNDED
    assert (holds(found, "a", None, NOW), holds(found, "b", None, NOW)) == (True, False)


def test_a_spread_refund_takes_no_line_until_nothing_is_left() -> None:
    part = refund("succeeded", 60, 1000)
    assert lines(PAID, part) == {"a": (3000, 612, None), "b": (1900, 388, None)}
    rest = refund("succeeded", 90, 3900, refund_id="re_2")
    assert lines(PAID, part, rest) == {"a": (3000, 3000, at(90)), "b": (1900, 1900, at(90))}
    assert stands(PAID, part, rest, order=TWO).state is State.REFUNDED


def test_a_refund_that_names_a_line_counts_towards_it() -> None:
    named = refund("succeeded", 60, 1900, line_ids=("a",))
    assert lines(PAID, named) == {"a": (3000, 1900, None), "b": (1900, 0, None)}


def test_a_refund_that_failed_gives_the_line_back() -> None:
    events = (PAID, refund("succeeded", 60, 1900), refund("failed", 90, 1900))
    assert lines(*events) == {"a": (3000, 0, None), "b": (1900, 0, None)}
    assert stands(*events, order=TWO).state is State.PAID


def test_tax_on_top_is_no_mismatch_and_is_part_of_what_was_paid() -> None:
    taxed = session("completed", "paid", amount_total=5831, before_tax=4900, amount_tax=931)
    found = stands(taxed, order=TWO)
    assert (found.state, found.mismatch) == (State.PAID, None)
    assert (found.amount_paid, found.amount_tax) == (5831, 931)
    assert lines(taxed) == {"a": (3570, 0, None), "b": (2261, 0, None)}
    assert stands(taxed, refund("succeeded", 60, 4900), order=TWO).state is State.PARTIALLY_REFUNDED
    assert stands(taxed, refund("succeeded", 60, 5831), order=TWO).state is State.REFUNDED


def test_tax_that_hides_another_price_is_a_mismatch() -> None:
    found = stands(session("completed", "paid", amount_total=4900, before_tax=4118, amount_tax=782))
    assert found.state is State.PROCESSING
    assert found.mismatch is not None
    assert "settled 4118 eur" in found.mismatch


def test_an_open_session_with_nothing_to_pay_is_not_settled() -> None:
    still_open = msgspec.structs.replace(
        session("completed", "no_payment_required", payment_intent=None, amount_total=0), status="open"
    )
    assert stands(still_open, order=replace(ORDER, lines=(RecordedLine(LINE, 0),))).paid_at is None


def test_a_time_keeps_its_microseconds() -> None:
    exact = msgspec.structs.replace(PAID, created=PAID.created + 250_000)
    assert stands(exact).paid_at == at(10) + timedelta(milliseconds=250)
