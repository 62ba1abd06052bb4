"""Orders: a purchase grants access while it stays paid."""

import pytest
from enrollment_messages import DAY, at
from enrollment_stories import Story, stored_without

from enrollment.domain import Policy, decide
from enrollment.domain.types import State
from messaging.eventset.event import chronological
from schemas.events import OrderLine, PaymentAccepted

PAID = "paid"


def bought(*lines: tuple[str, int], **options: object) -> Story:
    return Story().purchase("ord_1", *(lines or (("python", 3000),)), **options)


def test_a_paid_session_grants_access_from_the_payment():
    grant = bought().decide().grants[0]
    assert (grant.state, grant.course_id, grant.since, grant.until) == (State.ACTIVE, "python", at(60), None)
    assert grant.payment_intent_id == "pi_ord_1"


def test_a_session_with_nothing_to_pay_grants_access():
    story = (
        Story().order("ord_1", ("python", 0)).session("ord_1", 0, payment="no_payment_required", intent=None)
    )
    assert story.states() == {"python": "active"}


def test_a_fully_discounted_session_that_expires_grants_nothing():
    # Stripe reports no_payment_required for every fully discounted session, also for one that expired.
    story = Story().order("ord_1", ("python", 0))
    story.session("ord_1", 0, kind="expired", status="expired", payment="no_payment_required", intent=None)
    assert story.decide().grants == ()


def test_an_abandoned_session_grants_nothing():
    story = Story().order("ord_1", ("python", 3000))
    assert (
        story.session("ord_1", 3000, kind="expired", status="expired", payment="unpaid").decide().grants == ()
    )


@pytest.mark.parametrize(
    ("settled", "payment", "state"),
    [("async_payment_succeeded", "paid", "active"), ("async_payment_failed", "unpaid", "expired")],
)
def test_a_delayed_payment_is_pending_until_it_settles(settled, payment, state):
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, payment="unpaid")
    assert story.states() == {"python": "pending"}
    assert not story.can_learn("python")
    story.session("ord_1", 3000, t=2 * DAY, kind=settled, payment=payment)
    assert story.states() == {"python": state}
    assert story.can_learn("python") is (state == "active")


@pytest.mark.parametrize(
    ("event_type", "status"),
    [
        ("payment_intent.canceled", "canceled"),
        ("payment_intent.payment_failed", "requires_payment_method"),
    ],
)
def test_a_delayed_payment_ends_with_its_payment_intent(event_type, status):
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, payment="unpaid")
    intent = {"id": "pi_ord_1", "object": "payment_intent", "amount": 3000, "currency": "eur"}
    story.stripe(event_type, {**intent, "status": "requires_payment_method"}, 10)
    if event_type == "payment_intent.payment_failed":
        assert story.states() == {"python": "pending"}, "a card was declined before the bank debit"
    story.stripe(event_type, {**intent, "status": status}, 2 * DAY)
    assert story.states() == {"python": "expired"}
    story.session("ord_1", 3000, t=3 * DAY, kind="async_payment_succeeded", payment="paid")
    assert story.states() == {"python": "active"}


def test_a_delayed_payment_ends_when_staff_close_its_order():
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, payment="unpaid")
    story.closed("ord_1", t=DAY)
    assert story.states() == {"python": "expired"}
    assert [grant.reason for grant in story.decide().grants] == ["order_closed"]
    story.session("ord_1", 3000, t=3 * DAY, kind="async_payment_succeeded", payment="paid")
    assert story.states() == {"python": "active"}, "a payment counts, however late"


def test_a_session_that_was_completed_after_its_order_was_closed_is_pending():
    story = Story().order("ord_1", ("python", 3000)).closed("ord_1", t=30)
    assert story.session("ord_1", 3000, payment="unpaid").states() == {"python": "pending"}


def test_an_order_that_cost_nothing_ends_when_staff_revoke_it():
    story = Story().order("ord_1", ("python", 0)).revoked("ord_1", t=DAY)
    story.session("ord_1", 0, payment="no_payment_required", intent=None)
    assert story.states() == {"python": "revoked"}
    assert [grant.reason for grant in story.decide().grants] == ["order_revoked"]


def test_a_paid_order_is_refunded_and_not_revoked():
    assert bought().revoked("ord_1", t=DAY).states() == {"python": "active"}


def test_days_of_access_count_from_the_delayed_payment():
    story = Story().order("ord_1", ("python", 3000), days=30).session("ord_1", 3000, payment="unpaid")
    story.session("ord_1", 3000, t=2 * DAY, kind="async_payment_succeeded")
    assert story.decide(3 * DAY).grants[0].until == at(32 * DAY)


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [(2999, "eur", "amount_differs"), (3000, "usd", "currency_differs")],
)
def test_a_session_that_differs_from_its_order_grants_nothing_and_is_a_gap(amount, currency, reason):
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", amount, currency=currency)
    decision = story.decide()
    assert decision.grants == ()
    assert [(gap.order_id, gap.reason) for gap in decision.unfulfilled] == [("ord_1", reason)]


@pytest.mark.parametrize(
    "price",
    [
        {"tax": 570},
        {"tax": 479, "inclusive": True},
        {"discount": 500},
        {"tax": 570, "discount": 500},
        {"presentment_details": {"presentment_amount": 3300, "presentment_currency": "usd"}},
    ],
    ids=str,
)
def test_a_session_pays_by_its_total_before_tax(price):
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, **price)
    assert story.states() == {"python": "active"}
    assert story.decide().unfulfilled == ()


def test_a_total_that_equals_the_orders_only_with_tax_does_not_pay():
    story = Story().order("ord_1", ("python", 3570)).session("ord_1", 3000, tax=570)
    assert [gap.reason for gap in story.decide().unfulfilled] == ["amount_differs"]


def test_a_session_stored_without_its_total_before_tax_pays_by_its_total():
    decision = decide("user_1", stored_without(bought(), "before_tax"), at(DAY), Policy())
    assert [grant.state for grant in decision.grants] == [State.ACTIVE]


def test_a_reread_of_a_taxed_session_grants_access_from_the_payment():
    story = Story().order("ord_1", ("python", 3000), days=30).session("ord_1", 3000, tax=570)
    stored = stored_without(story, "before_tax")
    before = decide("user_1", stored, at(5 * DAY), Policy())
    assert [gap.reason for gap in before.unfulfilled] == ["amount_differs"]
    reread = Story(prefix="again").session("ord_1", 3000, t=5 * DAY, kind="reread", tax=570).events
    after = decide("user_1", chronological([*stored, *reread]), at(5 * DAY), Policy())
    assert after.unfulfilled == ()
    assert [(grant.since, grant.until) for grant in after.grants] == [(at(60), at(60 + 30 * DAY))]


def test_a_setup_session_pays_nothing_and_is_not_a_gap():
    story = Story().order("ord_1", ("python", 0))
    story.session("ord_1", 0, mode="setup", payment="no_payment_required", intent=None)
    decision = story.decide()
    assert (decision.grants, decision.unfulfilled) == ((), ())


def test_a_foreign_payment_grants_nothing_and_is_not_a_gap():
    story = Story().order("ord_1", ("python", 3000))
    story.stripe(
        "checkout.session.completed",
        {
            "id": "cs_foreign",
            "object": "checkout.session",
            "status": "complete",
            "payment_status": "paid",
            "amount_total": 3000,
            "currency": "eur",
            "payment_intent": "pi_foreign",
        },
        60,
    )
    decision = story.decide()
    assert (decision.grants, decision.unfulfilled) == ((), ())


def test_a_session_without_metadata_is_matched_by_its_id():
    story = (
        Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, metadata={}, client_reference_id=None)
    )
    assert story.states() == {"python": "active"}


def test_a_payment_link_with_our_order_as_client_reference_grants_nothing():
    # Anyone can write client_reference_id into the address of another application's Payment Link.
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, id="cs_link", metadata={})
    assert story.states() == {}


def test_an_order_of_another_user_grants_nothing():
    story = Story("another_user").purchase("ord_1", ("python", 3000))
    story.user = "user_1"
    assert story.decide().grants == ()


def test_every_course_of_a_bundle_is_granted():
    lines = [
        OrderLine(
            line_id=f"l{n}", kind="bundle", bundle_id="b", course_id=f"c{n}", title="b", list_amount=1000
        )
        for n in range(3)
    ]
    story = Story().order("ord_1", *lines).session("ord_1", 3000)
    assert story.states() == {"c0": "active", "c1": "active", "c2": "active"}
    story.refund("ord_1", 3000, t=DAY)
    assert story.states() == {"c0": "revoked", "c1": "revoked", "c2": "revoked"}


def test_access_ends_after_its_days_and_next_change_at_is_that_time():
    story = bought(days=30)
    decision = story.decide(DAY)
    assert decision.next_change_at == at(60 + 30 * DAY)
    assert story.can_learn("python", 60 + 30 * DAY - 1)
    assert not story.can_learn("python", 60 + 30 * DAY)
    assert story.states(31 * DAY) == {"python": "expired"}
    assert story.decide(31 * DAY).next_change_at is None


def test_buying_again_after_access_ended_grants_access_and_is_not_a_duplicate():
    story = bought(days=30).purchase("ord_2", ("python", 3000), t=40 * DAY, days=30)
    decision = story.decide(41 * DAY)
    assert [grant.state for grant in decision.grants] == [State.EXPIRED, State.ACTIVE]
    assert decision.access[0].source_id == "ord_2"
    assert not any(grant.duplicate_of for grant in decision.grants)


def test_a_second_purchase_is_a_duplicate_and_changes_neither_grant():
    story = bought().purchase("ord_2", ("python", 3000), t=DAY)
    grants = {grant.source_id: grant for grant in story.decide().grants}
    assert grants["ord_1"].duplicate_of is None
    assert grants["ord_2"].duplicate_of == "ord_1"
    assert {grant.state for grant in grants.values()} == {State.ACTIVE}
    story.refund("ord_2", 3000, t=2 * DAY)
    access = story.decide().access[0]
    assert (access.access, access.source_id) == (True, "ord_1")


def test_the_first_purchase_is_the_one_paid_first_even_if_ordered_later():
    story = Story().order("ord_1", ("python", 3000)).order("ord_2", ("python", 3000), t=10)
    story.session("ord_2", 3000, t=100).session("ord_1", 3000, t=200)
    assert {grant.source_id: grant.duplicate_of for grant in story.decide().grants} == {
        "ord_1": "ord_2",
        "ord_2": None,
    }


def test_a_bundle_with_one_new_course_is_not_a_duplicate():
    story = bought().purchase("ord_2", ("python", 2000), ("sql", 2000), t=DAY)
    assert not any(grant.duplicate_of for grant in story.decide().grants)


def test_a_course_bought_during_a_subscription_is_not_a_duplicate():
    story = Story().subscribed("ord_s").purchase("ord_1", ("python", 3000), t=DAY)
    assert not any(grant.duplicate_of for grant in story.decide(2 * DAY).grants)


def test_an_order_paid_twice_keeps_access_when_one_payment_is_refunded():
    story = Story().order("ord_1", ("python", 3000))
    story.session("ord_1", 3000).session("ord_1", 3000, session="cs_again", intent="pi_again", t=120)
    story.refund("ord_1", 3000, t=DAY)
    grant = story.decide().grants[0]
    assert (grant.state, grant.payment_intent_id) == (State.REVOKED, "pi_ord_1")
    # The second session was made by hand, and orders of earlier releases take it.
    grant = decide(story.user, stored_without(story, "session_id"), at(10 * DAY), Policy()).grants[0]
    assert (grant.state, grant.payment_intent_id) == (State.ACTIVE, "pi_again")


def test_a_session_that_checkout_did_not_make_opens_nothing_and_is_a_gap():
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, session="cs_by_hand")
    decision = story.decide()
    assert decision.grants == ()
    assert [(gap.order_id, gap.reason) for gap in decision.unfulfilled] == [("ord_1", "session_unknown")]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", "active"),
        ("warning_under_review", "active"),
        ("warning_closed", "active"),
        ("needs_response", "suspended"),
        ("under_review", "suspended"),
        ("appeal_needs_response", "suspended"),
        ("appeal_under_review", "suspended"),
        ("a_status_of_next_year", "suspended"),
        ("won", "active"),
        ("prevented", "active"),
        ("lost", "revoked"),
    ],
)
def test_each_dispute_status_leads_to_its_state(status, state):
    story = bought().dispute("ord_1", status, t=DAY)
    assert story.states() == {"python": state}
    assert story.can_learn("python") is (state == "active")


def test_a_won_dispute_restores_access():
    story = (
        bought().dispute("ord_1", "needs_response", t=DAY).dispute("ord_1", "won", t=9 * DAY, kind="closed")
    )
    assert story.states() == {"python": "active"}


def test_a_dispute_suspends_the_whole_order_and_no_other_order():
    story = bought(("python", 1000), ("sql", 1000)).purchase("ord_2", ("go", 1000), t=DAY)
    story.dispute("ord_1", "needs_response", t=2 * DAY)
    assert story.states() == {"python": "suspended", "sql": "suspended", "go": "active"}


@pytest.mark.parametrize(
    ("status", "state"), [("needs_response", "suspended"), ("lost", "revoked"), ("won", "active")]
)
def test_a_dispute_over_a_part_takes_the_line_that_a_refund_of_it_would_take(status, state):
    story = bought(("python", 3000), ("sql", 2000)).dispute("ord_1", "needs_response", t=DAY, amount=2000)
    story.dispute("ord_1", status, t=2 * DAY, kind="closed", amount=2000)
    assert story.states() == {"python": "active", "sql": state}


def test_a_dispute_over_a_part_of_a_line_leaves_its_access():
    assert bought().dispute("ord_1", "lost", t=DAY, amount=500).states() == {"python": "active"}


def test_a_refund_of_a_part_and_a_lost_dispute_over_the_rest_end_access():
    story = bought().refund("ord_1", 1000, t=DAY).dispute("ord_1", "lost", t=2 * DAY, amount=2000)
    assert story.states() == {"python": "revoked"}


def test_losing_one_source_keeps_the_access_of_another():
    story = bought().grant("dec_1", "python", t=DAY).refund("ord_1", 3000, t=2 * DAY)
    access = story.decide().access[0]
    assert (access.access, access.kind) == (True, "admin")


def test_an_early_fraud_warning_flags_the_grant_and_by_policy_suspends_it():
    story = bought().fraud_warning("ord_1", t=DAY)
    grant = story.decide().grants[0]
    assert (grant.state, grant.flagged) == (State.ACTIVE, True)
    strict = Policy(fraud_warning_suspends=True)
    assert story.states(policy=strict) == {"python": "suspended"}
    story.fraud_warning("ord_1", t=2 * DAY, actionable=False, kind="updated")
    assert story.states(policy=strict) == {"python": "active"}


def test_an_administrator_grants_with_an_end_and_revokes():
    story = Story().grant("dec_1", "python", t=0, until=5 * DAY)
    assert story.states(DAY) == {"python": "active"}
    assert story.states(5 * DAY) == {"python": "expired"}
    story.revoke("dec_2", "python", t=2 * DAY)
    assert story.states(3 * DAY) == {"python": "revoked"}
    story.grant("dec_3", "python", t=3 * DAY)
    assert story.states() == {"python": "active"}


def test_a_revocation_by_an_administrator_does_not_affect_a_purchase():
    assert bought().grant("dec_1", "python", t=1).revoke("dec_2", "python", t=DAY).can_learn("python")


def test_a_payment_without_its_session_is_a_gap_until_the_session_arrives():
    story = Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000)
    gap = story.decide().unfulfilled[0]
    assert (gap.order_id, gap.session_id, gap.payment_intent_id) == ("ord_1", "cs_ord_1", "pi_ord_1")
    assert (gap.reason, gap.paid_at) == ("session_missing", at(59))
    assert story.session("ord_1", 3000).decide().unfulfilled == ()


def test_a_payment_of_an_order_that_was_not_announced_is_a_gap():
    story = Story().session("ord_1", 3000)
    assert [(gap.order_id, gap.reason) for gap in story.decide().unfulfilled] == [("ord_1", "order_unknown")]


def test_paying_the_order_of_another_user_grants_access_to_that_user():
    taker = Story("taker", prefix="t").order("ord_1", ("python", 3000))
    giver = Story("giver", prefix="g").session("ord_1", 3000)
    giver.messages += taker.messages
    taker.messages = giver.messages
    assert (giver.decide().grants, giver.decide().unfulfilled) == ((), ())
    assert (taker.states(), taker.decide().unfulfilled) == ({"python": "active"}, ())


def test_a_refunded_payment_is_not_a_gap():
    story = Story().payment("ord_1", 3000).refund("ord_1", 3000, t=DAY)
    assert story.decide().unfulfilled == ()


def test_a_taxed_payment_is_a_gap_until_its_tax_is_refunded_too():
    story = Story().order("ord_1", ("python", 3000)).payment("ord_1", 3570)
    story.refund("ord_1", 3000, t=DAY, refund="re_1")
    assert [gap.reason for gap in story.decide().unfulfilled] == ["session_missing"]
    assert story.refund("ord_1", 570, t=2 * DAY, refund="re_2").decide().unfulfilled == ()


def accepted(order_id: str = "ord_1") -> PaymentAccepted:
    return PaymentAccepted(
        order_id=order_id,
        user_id="user_1",
        session_id="cs_ord_1",
        accepted_by="boss",
        reason="goodwill",
        accepted_at=at(DAY),
    )


@pytest.mark.parametrize("amount", [2999, 3500])
@pytest.mark.parametrize("t", [0, DAY])
def test_a_payment_that_staff_accepted_is_an_ordinary_purchase(amount, t):
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", amount)
    assert story.decide().unfulfilled != ()
    story.ours(accepted(), t)
    decision = story.decide()
    assert decision.unfulfilled == ()
    assert [(grant.state, grant.since) for grant in decision.grants] == [(State.ACTIVE, at(60))]
    assert story.refund("ord_1", amount, t=2 * DAY).states() == {"python": "revoked"}


def test_a_payment_in_another_currency_cannot_be_accepted():
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000, currency="usd")
    story.ours(accepted(), DAY)
    assert [gap.reason for gap in story.decide().unfulfilled] == ["currency_differs"]
