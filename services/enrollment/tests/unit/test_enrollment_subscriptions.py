"""Subscriptions: access to every course while the subscription is paid."""

from datetime import timedelta

import pytest
from enrollment_messages import DAY, at
from enrollment_stories import Story

from enrollment.domain import Policy
from enrollment.domain.types import State

MONTH = 30 * DAY
WEEK = 7 * DAY


def subscribed() -> Story:
    return Story().subscribed("s")


def test_a_paid_subscription_grants_every_course_to_the_end_of_the_period_plus_grace():
    story = subscribed()
    assert story.states(DAY) == {"*": "active"}
    grant = story.decide(DAY).grants[0]
    assert (grant.kind, grant.source_id, grant.since, grant.until) == (
        "subscription",
        "sub_s",
        at(60),
        at(MONTH + WEEK),
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("trialing", "active"),
        ("active", "active"),
        ("past_due", "in_grace"),
        ("unpaid", "revoked"),
        ("paused", "revoked"),
        ("canceled", "expired"),
    ],
)
def test_each_subscription_status_leads_to_its_state(status, state):
    story = subscribed().subscription("s", status, t=2 * DAY)
    assert story.states(3 * DAY) == {"*": state}
    assert story.can_learn("anything", 3 * DAY) is (state in ("active", "in_grace"))


def test_an_incomplete_subscription_grants_nothing():
    story = Story().plan_order("s").subscription("s", "incomplete", t=60, kind="created")
    assert story.decide(DAY).grants == ()
    assert story.subscription("s", "incomplete_expired", t=DAY).decide(2 * DAY).grants == ()


def test_a_trial_lasts_to_its_end_plus_grace():
    story = Story().plan_order("s")
    story.subscription("s", "trialing", t=60, kind="created", period=(0, 14 * DAY), trial_end=14 * DAY)
    grant = story.decide(DAY).grants[0]
    assert (grant.state, grant.reason, grant.until) == (State.ACTIVE, "trialing", at(14 * DAY + WEEK))


def test_a_renewal_extends_access_when_its_invoice_is_paid_and_not_before():
    story = subscribed().subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    assert story.decide(MONTH + 600).grants[0].until == at(MONTH + WEEK)
    story.invoice("s", 1, t=MONTH + 3600, until=2 * MONTH)
    assert story.decide(MONTH + 3601).grants[0].until == at(2 * MONTH + WEEK)


def test_access_continues_between_the_new_period_and_its_payment():
    story = subscribed().subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    assert story.states(MONTH + 1800) == {"*": "active"}


def test_a_proration_does_not_extend_access():
    story = subscribed().invoice("s", 1, t=DAY, until=6 * MONTH, proration=True, reason="subscription_update")
    assert story.decide(2 * DAY).grants[0].until == at(MONTH + WEEK)


@pytest.mark.parametrize("reason", ["subscription_cycle", "subscription_update"])
def test_a_paid_invoice_whose_first_page_has_no_period_pays_that_in_which_it_was_drawn_up(reason):
    hidden = {"until": MONTH + DAY, "proration": True, "has_more": True, "reason": reason}
    renewed = subscribed().subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    renewed.invoice("s", 1, t=MONTH + 3600, drawn_up=MONTH, **hidden)
    assert renewed.decide(MONTH + 3601).grants[0].until == at(2 * MONTH + WEEK)
    assert renewed.states(MONTH + WEEK + DAY) == {"*": "active"}

    # the invoice may arrive before the event of the period that it pays
    early = subscribed().invoice("s", 1, t=MONTH, drawn_up=MONTH, **hidden)
    assert early.decide(MONTH + 1).grants[0].until == at(MONTH + WEEK)
    early.subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    assert early.decide(MONTH + 1).grants[0].until == at(2 * MONTH + WEEK)


def test_an_invoice_with_hidden_lines_pays_no_other_period_and_an_invoice_for_items_pays_none():
    story = subscribed().subscription("s", "active", t=3 * MONTH, period=(3 * MONTH, 4 * MONTH))
    story.invoice("s", 1, t=MONTH, drawn_up=MONTH, proration=True, has_more=True)
    story.invoice("s", 2, t=3 * MONTH, drawn_up=3 * MONTH, proration=True, has_more=True, reason="manual")
    assert story.decide(3 * MONTH + 1).grants[0].until == at(MONTH + WEEK)


def test_a_new_plan_begins_a_new_period_that_its_invoice_with_hidden_lines_pays():
    story = subscribed().subscription("s", "active", t=DAY, period=(DAY, DAY + 12 * MONTH))
    story.invoice("s", 1, t=DAY, drawn_up=DAY, proration=True, has_more=True, reason="subscription_update")
    assert story.decide(2 * DAY).grants[0].until == at(DAY + 12 * MONTH + WEEK)


def test_grace_begins_with_the_first_failure_only_and_then_ends():
    story = subscribed().subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    first = MONTH + 3600
    for attempt in range(3):
        t = first + attempt * 2 * DAY
        story.invoice("s", 1, "payment_failed", t=t, status="open")
        story.subscription("s", "past_due", t=t, period=(MONTH, 2 * MONTH))
    decision = story.decide(MONTH + 5 * DAY)
    assert (decision.grants[0].state, decision.grants[0].until) == (State.IN_GRACE, at(first + WEEK))
    assert decision.next_change_at == at(first + WEEK)
    over = story.decide(first + WEEK).grants[0]
    assert (over.state, over.reason) == (State.EXPIRED, "grace_over")


def test_a_successful_retry_ends_the_grace_period():
    story = subscribed().invoice("s", 1, "payment_failed", t=MONTH, status="open")
    story.subscription("s", "past_due", t=MONTH)
    story.invoice("s", 1, t=MONTH + 3 * DAY, until=2 * MONTH).subscription("s", "active", t=MONTH + 3 * DAY)
    grant = story.decide(MONTH + 10 * DAY).grants[0]
    assert (grant.state, grant.until) == (State.ACTIVE, at(2 * MONTH + WEEK))


def test_the_policy_sets_the_days_of_grace():
    story = subscribed().subscription("s", "past_due", t=MONTH)
    assert story.states(MONTH + DAY, Policy(grace=timedelta(days=1))) == {"*": "expired"}
    assert story.states(MONTH + DAY, Policy(grace=timedelta(days=2))) == {"*": "in_grace"}


@pytest.mark.parametrize("how", [{"at_period_end": True}, {"cancel_at": MONTH}])
def test_a_cancellation_at_period_end_has_no_grace_and_can_be_undone(how):
    story = subscribed().subscription("s", "active", t=5 * DAY, **how)
    grant = story.decide(6 * DAY).grants[0]
    assert (grant.state, grant.until) == (State.ACTIVE, at(MONTH))
    assert story.states(MONTH) == {"*": "expired"}
    story.subscription("s", "active", t=7 * DAY)
    assert story.decide(8 * DAY).grants[0].until == at(MONTH + WEEK)


def test_an_immediate_cancellation_ends_access_at_once():
    story = subscribed().subscription("s", "canceled", t=5 * DAY, kind="deleted", ended=5 * DAY)
    grant = story.decide(6 * DAY).grants[0]
    assert (grant.state, grant.reason, grant.until) == (State.EXPIRED, "canceled", at(5 * DAY))


def test_a_change_of_plan_keeps_access():
    story = subscribed().subscription("s", "active", t=5 * DAY, previous={"items": {}})
    story.invoice("s", 1, t=5 * DAY, reason="subscription_update", proration=True)
    assert story.states(6 * DAY) == {"*": "active"}


def test_deleting_the_customer_ends_the_subscription():
    story = subscribed().customer_deleted(t=5 * DAY)
    grant = story.decide(6 * DAY).grants[0]
    assert (grant.state, grant.reason) == (State.EXPIRED, "customer_deleted")


def test_a_refund_of_the_newest_payment_revokes_access_until_the_next_payment():
    story = subscribed().refund("s", 2000, t=3 * DAY, intent="pi_in_s_0")
    grant = story.decide(4 * DAY).grants[0]
    assert (grant.state, grant.reason) == (State.REVOKED, "refunded")
    story.invoice("s", 1, t=MONTH, until=2 * MONTH)
    assert story.states(MONTH + 1) == {"*": "active"}


def test_a_partial_refund_of_a_subscription_revokes_nothing():
    assert subscribed().refund("s", 1999, t=3 * DAY, intent="pi_in_s_0").states(4 * DAY) == {"*": "active"}


@pytest.mark.parametrize(
    ("status", "state"), [("needs_response", "suspended"), ("lost", "revoked"), ("won", "active")]
)
def test_each_status_of_a_disputed_invoice_leads_to_its_state(status, state):
    assert subscribed().dispute("s", status, t=3 * DAY, intent="pi_in_s_0").states(4 * DAY) == {"*": state}


@pytest.mark.parametrize("status", ["needs_response", "lost"])
def test_a_dispute_over_a_part_of_an_invoice_leaves_the_subscription(status):
    story = subscribed().dispute("s", status, t=3 * DAY, amount=1, intent="pi_in_s_0")
    assert story.states(4 * DAY) == {"*": "active"}


def test_a_subscription_without_an_order_of_ours_is_foreign():
    story = Story().subscription("s", "active", t=60, metadata={})
    assert story.decide(DAY).grants == ()


def test_a_subscription_in_another_currency_than_its_order_grants_nothing():
    story = Story().plan_order("s", currency="usd").subscription("s", "active", t=60)
    assert story.decide(DAY).grants == ()


def test_a_paid_plan_without_its_subscription_is_a_gap():
    story = Story().plan_order("s").plan_session("s")
    assert [gap.reason for gap in story.decide(DAY).unfulfilled] == ["subscription_missing"]
    assert story.subscription("s", "active", t=61).decide(DAY).unfulfilled == ()
