"""The state of an order: a table of histories, as Stripe's events, and what must follow from each."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.domain import (
    LineState,
    OrderRecord,
    OrderState,
    RecordedLine,
    State,
    access_ends_at,
    derive_state,
    group_events,
    holds,
)
from checkout.domain.facts import ChargeFacts, DisputeFacts, RefundFacts, SessionFacts
from messaging.eventset.event import Event, chronological, has_facts
from messaging.eventset.facts import Facts

LINE = "ord_1_1"
ORDER = OrderRecord("ord_1", "eur", (RecordedLine(LINE, 4900),), session_id="cs_1")
T0 = 1_790_000_000
NOW = datetime.fromtimestamp(T0 + 86_400, UTC)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(T0 + seconds, UTC)


def event(
    name: str,
    type_: str,
    second: int,
    rank: int,
    facts: Facts,
    *,
    object_id: str,
    status: str,
    links: dict[str, str],
) -> Event[Facts]:
    return Event(
        id=f"evt_{name}",
        type=type_,
        created=(T0 + second) * 1_000_000,
        rank=rank,
        links=links,
        facts=facts,
        object_id=object_id,
        status=status,
    )


def session(
    action: str,
    payment_status: str,
    second: int = 10,
    *,
    name: str | None = None,
    session_id: str = "cs_1",
    order_id: str | None = "ord_1",
    payment_intent: str | None = "pi_1",
    **facts: Any,
) -> Event[Facts]:
    ranks = {"completed": 10, "async_payment_succeeded": 20, "async_payment_failed": 30, "expired": 40}
    links = {"order_id": order_id, "payment_intent_id": payment_intent}
    told = {
        "mode": "payment",
        "currency": "eur",
        "amount_total": 4900,
        "payment_status": payment_status,
        "payment_intent": payment_intent,
        **facts,
    }
    return event(
        name or f"{session_id}_{action}",
        f"checkout.session.{action}",
        second,
        6000 + ranks[action],
        SessionFacts(**told),
        object_id=session_id,
        status="expired" if action == "expired" else "complete",
        links={key: value for key, value in links.items() if value},
    )


def charge(second: int = 9, url: str | None = "https://pay.stripe.com/receipts/1") -> Event[Facts]:
    links = {"order_id": "ord_1", "payment_intent_id": "pi_1", "charge_id": "ch_1"}
    return event(
        f"charge_{second}",
        "charge.succeeded",
        second,
        5030,
        ChargeFacts(receipt_url=url),
        object_id="ch_1",
        status="succeeded",
        links=links,
    )


def refund(
    status: str,
    second: int,
    amount: int = 4900,
    *,
    refund_id: str = "re_1",
    links: dict[str, str] | None = None,
    currency: str = "eur",
    line_ids: tuple[str, ...] = (),
) -> Event[Facts]:
    places = {"pending": 10, "succeeded": 30, "canceled": 40, "failed": 50}
    return event(
        f"{refund_id}_{status}_{second}",
        "refund.updated",
        second,
        12_000 + places[status],
        RefundFacts(amount=amount, currency=currency, line_ids=line_ids),
        object_id=refund_id,
        status=status,
        links={"payment_intent_id": "pi_1", "charge_id": "ch_1"} if links is None else links,
    )


def dispute(status: str, second: int) -> Event[Facts]:
    return event(
        f"dp_{status}",
        "charge.dispute.updated",
        second,
        13_000,
        DisputeFacts(amount=4900, currency="eur"),
        object_id="dp_1",
        status=status,
        links={"payment_intent_id": "pi_1", "charge_id": "ch_1"},
    )


def stands(*events: Event[Facts], order: OrderRecord = ORDER) -> OrderState:
    return derive_state(order, group_events(chronological(events)))


PAID = session("completed", "paid")
UNPAID = session("completed", "unpaid")
SETTLED = session("async_payment_succeeded", "paid", 500)
BOUNCED = session("async_payment_failed", "unpaid", 500)
RAN_OUT = session("expired", "unpaid", 90, payment_intent=None)

LIVES: dict[str, tuple[list[Event[Facts]], State]] = {
    "nothing happened yet": ([], State.OPEN),
    "paid by card": ([charge(), PAID], State.PAID),
    "completed is not paid: the bank takes days": ([UNPAID], State.PROCESSING),
    "the bank settled": ([UNPAID, SETTLED], State.PAID),
    "the bank refused": ([UNPAID, BOUNCED], State.FAILED),
    "the payment page ran out": ([RAN_OUT], State.EXPIRED),
    "a page with nothing to pay ran out unused": (
        [session("expired", "no_payment_required", 90, payment_intent=None)],
        State.EXPIRED,
    ),
    "refunded wholly": ([PAID, refund("succeeded", 60)], State.REFUNDED),
    "refunded in part": ([PAID, refund("succeeded", 60, 1000)], State.PARTIALLY_REFUNDED),
    "refunded in two parts": (
        [PAID, refund("succeeded", 60, 1900), refund("succeeded", 70, 3000, refund_id="re_2")],
        State.REFUNDED,
    ),
    "a refund on its way takes nothing back yet": ([PAID, refund("pending", 60)], State.PAID),
    "a refund that failed returns the money to us": (
        [PAID, refund("succeeded", 60), refund("failed", 400)],
        State.PAID,
    ),
    "a refund that was cancelled never happened": (
        [PAID, refund("pending", 60), refund("canceled", 61)],
        State.PAID,
    ),
    "one of two refunds failed": (
        [
            PAID,
            refund("succeeded", 60, 1900),
            refund("succeeded", 70, 3000, refund_id="re_2"),
            refund("failed", 80, 3000, refund_id="re_2"),
        ],
        State.PARTIALLY_REFUNDED,
    ),
    "a refund that names only the charge": (
        [charge(), PAID, refund("succeeded", 60, links={"charge_id": "ch_1"})],
        State.REFUNDED,
    ),
    "the refund of a second payment leaves the first alone": (
        [PAID, refund("succeeded", 60, links={"payment_intent_id": "pi_2"})],
        State.PAID,
    ),
    "a refund in another currency is no refund of this": (
        [PAID, refund("succeeded", 60, currency="usd")],
        State.PAID,
    ),
    "a refund without its payment says nothing": ([refund("succeeded", 60)], State.OPEN),
    "a dispute leaves the order paid": ([PAID, dispute("needs_response", 60)], State.PAID),
    "an expired page that was taken up again and paid": (
        [RAN_OUT, session("completed", "paid", 900, session_id="cs_2", payment_intent="pi_2")],
        State.PAID,
    ),
    "a session of another order": (
        [session("completed", "paid", session_id="cs_9", order_id="ord_9")],
        State.OPEN,
    ),
    "our session without our metadata": ([session("completed", "paid", order_id=None)], State.PAID),
}


@pytest.mark.parametrize("life", LIVES)
def test_a_life_ends_where_it_should(life: str) -> None:
    events, state = LIVES[life]
    assert stands(*events).state is state


@pytest.mark.parametrize("life", LIVES)
def test_the_order_of_arrival_changes_nothing(life: str) -> None:
    events, _ = LIVES[life]
    expected = stands(*events)
    for shuffled in itertools.islice(itertools.permutations(events), 24):
        assert stands(*shuffled) == expected


@pytest.mark.parametrize(
    "facts",
    [
        {"amount_total": 4899},
        {"amount_total": 4901},
        {"amount_total": None},
        {"currency": "usd"},
        {"currency": None},
        {"mode": "subscription"},
    ],
    ids=str,
)
def test_money_that_does_not_fit_never_pays_an_order(facts: dict[str, Any]) -> None:
    found = stands(session("completed", "paid", **facts))
    assert found.state is State.PROCESSING
    assert found.paid_at is None
    assert found.mismatch is not None
    assert "4900 eur" in found.mismatch


def test_a_wrong_and_a_right_payment_are_paid_and_flagged() -> None:
    wrong = session("completed", "paid", session_id="cs_2", payment_intent="pi_2", amount_total=100)
    found = stands(PAID, wrong)
    assert found.state is State.PAID
    assert found.mismatch is not None
    assert "cs_2" in found.mismatch


def test_an_order_paid_twice_is_flagged_until_the_second_payment_went_back() -> None:
    second = session("completed", "paid", 40, session_id="cs_2", payment_intent="pi_2")
    of_second = {"payment_intent_id": "pi_2"}
    twice = "The order was paid 2 times; refund all but the first."
    assert stands(PAID, second).mismatch == twice
    for not_yet in (
        refund("pending", 60, links=of_second),
        refund("succeeded", 60, 4899, links=of_second),
        refund("succeeded", 60, currency="usd", links=of_second),
        refund("succeeded", 60),
    ):
        assert stands(PAID, second, not_yet).mismatch == twice
    found = stands(PAID, second, refund("succeeded", 60, links=of_second))
    assert (found.state, found.payment_intent_id) == (State.PAID, "pi_1")
    assert found.mismatch is None
    failed = refund("failed", 90, links=of_second)
    assert stands(PAID, second, refund("succeeded", 60, links=of_second), failed).mismatch == twice


def test_money_that_does_not_fit_and_went_back_lets_the_buyer_order_again() -> None:
    wrong = session("completed", "paid", amount_total=100)
    back = refund("succeeded", 60, 100)
    assert stands(wrong, refund("succeeded", 60, 99)).mismatch is not None
    found = stands(wrong, back)
    assert found == OrderState(State.FAILED, failed_at=at(60))
    assert not holds(found, LINE, None, NOW)


def test_a_free_order_needs_no_payment() -> None:
    free = session("completed", "no_payment_required", payment_intent=None, amount_total=0)
    found = stands(free, order=replace(ORDER, lines=(RecordedLine(LINE, 0),)))
    assert (found.state, found.paid_at, found.payment_intent_id) == (State.PAID, at(10), None)


def test_what_a_paid_order_tells() -> None:
    found = stands(charge(), PAID, refund("succeeded", 60, 1000), dispute("needs_response", 70))
    assert found == OrderState(
        state=State.PARTIALLY_REFUNDED,
        paid_at=at(10),
        refunded_at=at(60),
        amount_paid=4900,
        amount_refunded=1000,
        payment_intent_id="pi_1",
        charge_id="ch_1",
        receipt_url="https://pay.stripe.com/receipts/1",
        dispute="needs_response",
        refund_statuses={"re_1": "succeeded"},
        lines={LINE: LineState(paid=4900, refunded=1000)},
    )


def test_the_gravest_of_several_disputes_counts() -> None:
    another = msgspec.structs.replace(dispute("won", 90), id="dp_2_won", object_id="dp_2")
    lost = stands(PAID, dispute("lost", 60), another)
    assert lost.dispute == "lost"
    assert not holds(lost, LINE, None, NOW)
    assert stands(PAID, dispute("needs_response", 60), another).dispute == "needs_response"
    assert stands(PAID, dispute("warning_closed", 60), another).dispute == "warning_closed"
    assert stands(PAID, dispute("needs_response", 60), dispute("won", 70), another).dispute == "won"


def test_a_refund_that_the_bank_sent_back_is_remembered() -> None:
    assert stands(PAID, refund("succeeded", 60, 1000), refund("failed", 90, 1000)).refund_failed
    assert not stands(PAID, refund("pending", 60, 1000), refund("succeeded", 90, 1000)).refund_failed


def test_the_newest_receipt_is_shown() -> None:
    newer = msgspec.structs.replace(charge(20, "https://pay.stripe.com/receipts/2"), type="charge.updated")
    assert stands(charge(), PAID, newer).receipt_url == "https://pay.stripe.com/receipts/2"
    assert stands(charge(), PAID, charge(20, None)).receipt_url == "https://pay.stripe.com/receipts/1"


def test_an_order_that_we_closed_is_expired_but_a_payment_still_counts() -> None:
    closed = replace(ORDER, closed_at=at(50))
    assert stands(order=closed) == OrderState(State.EXPIRED, expired_at=at(50))
    assert stands(RAN_OUT, order=closed).expired_at == at(50)
    assert stands(PAID, order=closed).state is State.PAID


def test_when_an_order_failed_or_expired() -> None:
    assert stands(UNPAID, BOUNCED).failed_at == at(500)
    assert stands(RAN_OUT).expired_at == at(90)


@pytest.mark.parametrize(
    ("life", "held"),
    [
        ("nothing happened yet", True),
        ("paid by card", True),
        ("completed is not paid: the bank takes days", True),
        ("refunded in part", True),
        ("a refund that failed returns the money to us", True),
        ("the bank refused", False),
        ("the payment page ran out", False),
        ("refunded wholly", False),
    ],
)
def test_which_orders_keep_their_buyer_from_ordering_again(life: str, held: bool) -> None:
    assert holds(stands(*LIVES[life][0]), LINE, None, NOW) is held


def test_a_mismatch_keeps_the_buyer_from_paying_once_more() -> None:
    assert holds(stands(session("completed", "paid", amount_total=1)), LINE, None, NOW)


def test_a_lost_dispute_frees_the_course_a_won_one_does_not() -> None:
    assert not holds(stands(PAID, dispute("needs_response", 60), dispute("lost", 90)), LINE, None, NOW)
    assert holds(stands(PAID, dispute("needs_response", 60), dispute("won", 90)), LINE, None, NOW)


def test_access_for_a_time_can_be_bought_again_after_it() -> None:
    found = stands(PAID)
    assert access_ends_at(found.paid_at, 30) == at(10) + timedelta(days=30)
    assert access_ends_at(found.paid_at, None) is None
    assert holds(found, LINE, 30, at(10) + timedelta(days=30) - timedelta(seconds=1))
    assert not holds(found, LINE, 30, at(10) + timedelta(days=30))


ALL = [
    *(charge(second) for second in (9, 20)),
    PAID,
    UNPAID,
    SETTLED,
    BOUNCED,
    RAN_OUT,
    session("completed", "paid", 10, session_id="cs_2", payment_intent="pi_2"),
    session("completed", "paid", 10, session_id="cs_3", amount_total=1),
    *(refund(status, 60, 2500) for status in ("pending", "succeeded", "failed", "canceled")),
    *(refund(status, 61, 2400, refund_id="re_2") for status in ("pending", "succeeded", "failed")),
    dispute("needs_response", 60),
    dispute("lost", 61),
]


@given(st.lists(st.sampled_from(ALL), max_size=14), st.randoms(use_true_random=False))
def test_any_set_of_events_has_one_state(events: list[Event[Facts]], chance: random.Random) -> None:
    unique = list({one.id: one for one in events}.values())
    expected = stands(*unique)
    shuffled = list(unique)
    chance.shuffle(shuffled)
    assert stands(*shuffled) == expected
    sessions = [one.facts for one in unique if has_facts(one, SessionFacts)]
    fitting = [one for one in sessions if one.payment_status == "paid" and one.amount_total == 4900]
    assert (expected.paid_at is not None) == bool(fitting)
    assert (expected.state in (State.PAID, State.PARTIALLY_REFUNDED, State.REFUNDED)) == bool(fitting)
    assert 0 <= expected.amount_refunded <= 4900


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
