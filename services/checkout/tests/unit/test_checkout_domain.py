"""The state of an order: a table of histories, as Stripe's events, and what must follow from each."""

import itertools
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from checkout_events import (
    BOUNCED,
    CANCELED,
    DECLINED,
    LINE,
    NOW,
    ORDER,
    PAID,
    RAN_OUT,
    REFUSED,
    SETTLED,
    UNPAID,
    acceptance,
    at,
    charge,
    dispute,
    intent,
    refund,
    revocation,
    session,
    stands,
)
from hypothesis import given
from hypothesis import strategies as st

from checkout.domain import (
    BOUGHT,
    LineState,
    OrderState,
    RecordedLine,
    State,
    access_ends_at,
    holds,
)
from checkout.domain.facts import SessionFacts
from messaging.eventset.event import Event, has_facts
from messaging.eventset.facts import Facts

EARLIER = replace(ORDER, only_its_session=False)
LIVES: dict[str, tuple[list[Event[Facts]], State]] = {
    "nothing happened yet": ([], State.OPEN),
    "paid by card": ([charge(), PAID], State.PAID),
    "completed is not paid: the bank takes days": ([UNPAID], State.PROCESSING),
    "the bank settled": ([UNPAID, SETTLED], State.PAID),
    "the bank refused": ([UNPAID, BOUNCED], State.FAILED),
    "the payment on its way was canceled": ([UNPAID, CANCELED], State.FAILED),
    "the payment on its way failed, and the session's event was lost": ([UNPAID, REFUSED], State.FAILED),
    "a card was declined before the bank debit": ([DECLINED, UNPAID], State.PROCESSING),
    "the payment failed and is tried again": (
        [UNPAID, REFUSED, intent("processing", 450, "processing")],
        State.PROCESSING,
    ),
    "another payment was canceled": (
        [UNPAID, intent("canceled", 400, "canceled", "pi_2")],
        State.PROCESSING,
    ),
    "the bank settled although the payment was reported as failed": ([UNPAID, REFUSED, SETTLED], State.PAID),
    "a second page ran out while the payment of the first is on its way": (
        [UNPAID, session("expired", "unpaid", 90, session_id="cs_2", payment_intent=None)],
        State.PROCESSING,
    ),
    "read again, the payment is still on its way": (
        [session("reread", "unpaid", 600), UNPAID, intent("reread", 600, "processing")],
        State.PROCESSING,
    ),
    "read again, the payment has failed": (
        [UNPAID, session("reread", "unpaid", 600), intent("reread", 600, "requires_payment_method")],
        State.FAILED,
    ),
    "read again, the payment has arrived": ([UNPAID, session("reread", "paid", 600)], State.PAID),
    "staff accepted a payment of another amount": (
        [session("completed", "paid", amount_total=4800), acceptance()],
        State.PAID,
    ),
    "staff accepted a session that does not name the order": (
        [session("completed", "paid", session_id="cs_9", order_id=None), acceptance("cs_9", 5)],
        State.PAID,
    ),
    "staff accepted a payment of another amount, and refunded it": (
        [session("completed", "paid", amount_total=4800), acceptance(), refund("succeeded", 800, 4800)],
        State.REFUNDED,
    ),
    "a payment in another currency cannot be accepted": (
        [session("completed", "paid", currency="usd"), acceptance()],
        State.PROCESSING,
    ),
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
    "a refund that only its charge reports": ([charge(), PAID, charge(60, returned=4900)], State.REFUNDED),
    "a part that only its charge reports": ([PAID, charge(60, returned=100)], State.PARTIALLY_REFUNDED),
    "a refund that its charge reports, too": (
        [PAID, charge(60, returned=1000), refund("succeeded", 61, 1000)],
        State.PARTIALLY_REFUNDED,
    ),
    "a refund that its charge reports, and that failed": (
        [PAID, charge(60, returned=4900), refund("succeeded", 60), refund("failed", 90)],
        State.PAID,
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
    "an open dispute": ([PAID, dispute("needs_response", 60)], State.DISPUTED),
    "an inquiry": ([PAID, dispute("warning_needs_response", 60)], State.PAID),
    "a lost dispute": ([PAID, dispute("needs_response", 60), dispute("lost", 70)], State.CHARGED_BACK),
    "a dispute that was lost when it was opened": ([PAID, dispute("lost", 60)], State.CHARGED_BACK),
    "a dispute that was won": ([PAID, dispute("needs_response", 60), dispute("won", 70)], State.PAID),
    "an open dispute over a part": ([PAID, dispute("needs_response", 60, 1000)], State.PAID),
    "a lost dispute over a part": ([PAID, dispute("lost", 60, 1000)], State.PARTIALLY_REFUNDED),
    "a refund of a part and an open dispute over the rest": (
        [PAID, refund("succeeded", 50, 900), dispute("needs_response", 60, 4000)],
        State.DISPUTED,
    ),
    "a refund of a part and a lost dispute over the rest": (
        [PAID, refund("succeeded", 50, 900), dispute("lost", 60, 4000)],
        State.CHARGED_BACK,
    ),
    "a dispute in another currency is over everything": (
        [PAID, dispute("needs_response", 60, 10, "usd")],
        State.DISPUTED,
    ),
    "an expired page, and a paid one that checkout did not make": (
        [RAN_OUT, session("completed", "paid", 900, session_id="cs_2", payment_intent="pi_2")],
        State.PROCESSING,
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


def test_only_the_session_that_checkout_made_pays_the_order() -> None:
    by_hand = session("completed", "paid", 900, session_id="cs_2", payment_intent="pi_2")
    found = stands(RAN_OUT, by_hand)
    assert (found.state, found.paid_at) == (State.PROCESSING, None)
    assert found.mismatch == (
        "Session cs_2 settled 4900 eur and names this order, but checkout did not make it."
    )
    back = refund("succeeded", 990, links={"payment_intent_id": "pi_2"})
    assert stands(RAN_OUT, by_hand, back).mismatch is None
    assert stands(PAID, by_hand).state is State.PAID
    assert stands(PAID, by_hand).mismatch == found.mismatch


def test_an_order_of_an_earlier_release_stays_paid_by_a_session_made_by_hand() -> None:
    by_hand = session("completed", "paid", 900, session_id="cs_2", payment_intent="pi_2")
    assert stands(RAN_OUT, by_hand, order=EARLIER).state is State.PAID


def test_an_order_paid_twice_is_flagged_until_the_second_payment_went_back() -> None:
    second = session("completed", "paid", 40, session_id="cs_2", payment_intent="pi_2")
    of_second = {"payment_intent_id": "pi_2"}
    twice = "The order was paid 2 times; refund all but the first."
    assert stands(PAID, second, order=EARLIER).mismatch == twice
    for not_yet in (
        refund("pending", 60, links=of_second),
        refund("succeeded", 60, 4899, links=of_second),
        refund("succeeded", 60, currency="usd", links=of_second),
        refund("succeeded", 60),
    ):
        assert stands(PAID, second, not_yet, order=EARLIER).mismatch == twice
    found = stands(PAID, second, refund("succeeded", 60, links=of_second), order=EARLIER)
    assert (found.state, found.payment_intent_id) == (State.PAID, "pi_1")
    assert found.mismatch is None
    failed = refund("failed", 90, links=of_second)
    assert (
        stands(PAID, second, refund("succeeded", 60, links=of_second), failed, order=EARLIER).mismatch
        == twice
    )


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


def test_only_an_order_for_which_nothing_was_paid_ends_when_staff_revoke_it() -> None:
    assert stands(PAID, revocation(60)).state is State.PAID
    free = session("completed", "no_payment_required", payment_intent=None, amount_total=0)
    found = stands(free, revocation(60), order=replace(ORDER, lines=(RecordedLine(LINE, 0),)))
    assert (found.state, found.refunded_at, found.amount_refunded) == (State.REFUNDED, at(60), 0)
    assert found.lines == {LINE: LineState(paid=0, refunded_at=at(60))}
    assert not holds(found, LINE, None, NOW)


def test_what_a_paid_order_tells() -> None:
    found = stands(charge(), PAID, refund("succeeded", 60, 1000), dispute("needs_response", 70, 500))
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
        amount_disputed=500,
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


PAID_ONCE = {*BOUGHT, State.REFUNDED, State.CHARGED_BACK}


@given(st.lists(st.sampled_from(ALL), max_size=14), st.randoms(use_true_random=False))
def test_any_set_of_events_has_one_state(events: list[Event[Facts]], chance: random.Random) -> None:
    unique = list({one.id: one for one in events}.values())
    expected = stands(*unique)
    shuffled = list(unique)
    chance.shuffle(shuffled)
    assert stands(*shuffled) == expected
    sessions = [one.facts for one in unique if has_facts(one, SessionFacts) and one.object_id == "cs_1"]
    fitting = [one for one in sessions if one.payment_status == "paid" and one.amount_total == 4900]
    assert (expected.paid_at is not None) == bool(fitting)
    assert (expected.state in PAID_ONCE) == bool(fitting)
    assert 0 <= expected.amount_refunded <= 4900


def test_an_order_that_staff_closed_while_its_payment_was_on_its_way_has_expired() -> None:
    closed = replace(ORDER, closed_at=at(300))
    state = stands(UNPAID, order=closed)
    assert (state.state, state.expired_at) == (State.EXPIRED, at(300))
    assert stands(UNPAID, CANCELED, order=closed).state is State.EXPIRED
    assert stands(UNPAID, SETTLED, order=closed).state is State.PAID, "a payment counts, however late"


def test_a_session_that_the_buyer_completed_after_the_order_was_closed_is_on_its_way() -> None:
    assert stands(UNPAID, order=replace(ORDER, closed_at=at(5))).state is State.PROCESSING
