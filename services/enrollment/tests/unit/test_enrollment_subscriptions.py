"""Subscriptions: every course, for as long as it is paid."""

from datetime import timedelta

import pytest
from enrollment_stories import DAY, Story, at

from enrollment.domain import Policy
from enrollment.domain.types import State

MONTH = 30 * DAY
WEEK = 7 * DAY


def subscribed() -> Story:
    return Story().subscribed("s")


def test_a_paid_subscription_opens_every_course_until_it_is_due_plus_grace():
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
def test_each_status(status, state):
    story = subscribed().subscription("s", status, t=2 * DAY)
    assert story.states(3 * DAY) == {"*": state}
    assert story.can_learn("anything", 3 * DAY) is (state in ("active", "in_grace"))


def test_an_attempt_that_never_began_grants_nothing():
    story = Story().plan_order("s").subscription("s", "incomplete", t=60, kind="created")
    assert story.decide(DAY).grants == ()
    assert story.subscription("s", "incomplete_expired", t=DAY).decide(2 * DAY).grants == ()


def test_a_trial_lasts_to_its_end():
    story = Story().plan_order("s")
    story.subscription("s", "trialing", t=60, kind="created", period=(0, 14 * DAY), trial_end=14 * DAY)
    grant = story.decide(DAY).grants[0]
    assert (grant.state, grant.reason, grant.until) == (State.ACTIVE, "trialing", at(14 * DAY + WEEK))


def test_a_renewal_extends_when_its_invoice_is_paid_and_not_when_the_period_turns():
    story = subscribed().subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    assert story.decide(MONTH + 600).grants[0].until == at(MONTH + WEEK)
    story.invoice("s", 1, t=MONTH + 3600, until=2 * MONTH)
    assert story.decide(MONTH + 3601).grants[0].until == at(2 * MONTH + WEEK)


def test_the_hour_between_period_and_payment_locks_nobody_out():
    story = subscribed().subscription("s", "active", t=MONTH, period=(MONTH, 2 * MONTH))
    assert story.states(MONTH + 1800) == {"*": "active"}


def test_a_proration_does_not_extend():
    story = subscribed().invoice("s", 1, t=DAY, until=6 * MONTH, proration=True, reason="subscription_update")
    assert story.decide(2 * DAY).grants[0].until == at(MONTH + WEEK)


def test_grace_begins_once_with_the_first_failure_and_ends():
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


def test_a_retry_that_succeeds_ends_the_grace():
    story = subscribed().invoice("s", 1, "payment_failed", t=MONTH, status="open")
    story.subscription("s", "past_due", t=MONTH)
    story.invoice("s", 1, t=MONTH + 3 * DAY, until=2 * MONTH).subscription("s", "active", t=MONTH + 3 * DAY)
    grant = story.decide(MONTH + 10 * DAY).grants[0]
    assert (grant.state, grant.until) == (State.ACTIVE, at(2 * MONTH + WEEK))


def test_the_owner_of_the_platform_chooses_the_days_of_grace():
    story = subscribed().subscription("s", "past_due", t=MONTH)
    assert story.states(MONTH + DAY, Policy(grace=timedelta(days=1))) == {"*": "expired"}
    assert story.states(MONTH + DAY, Policy(grace=timedelta(days=2))) == {"*": "in_grace"}


@pytest.mark.parametrize("how", [{"at_period_end": True}, {"cancel_at": MONTH}])
def test_cancelled_at_period_end_lasts_to_it_without_grace_and_can_be_resumed(how):
    story = subscribed().subscription("s", "active", t=5 * DAY, **how)
    grant = story.decide(6 * DAY).grants[0]
    assert (grant.state, grant.until) == (State.ACTIVE, at(MONTH))
    assert story.states(MONTH) == {"*": "expired"}
    story.subscription("s", "active", t=7 * DAY)
    assert story.decide(8 * DAY).grants[0].until == at(MONTH + WEEK)


def test_cancelled_now_ends_now():
    story = subscribed().subscription("s", "canceled", t=5 * DAY, kind="deleted", ended=5 * DAY)
    grant = story.decide(6 * DAY).grants[0]
    assert (grant.state, grant.reason, grant.until) == (State.EXPIRED, "canceled", at(5 * DAY))


def test_another_plan_keeps_the_access():
    story = subscribed().subscription("s", "active", t=5 * DAY, previous={"items": {}})
    story.invoice("s", 1, t=5 * DAY, reason="subscription_update", proration=True)
    assert story.states(6 * DAY) == {"*": "active"}


def test_a_deleted_customer_ends_their_subscription():
    story = subscribed().customer_deleted(t=5 * DAY)
    grant = story.decide(6 * DAY).grants[0]
    assert (grant.state, grant.reason) == (State.EXPIRED, "customer_deleted")


def test_the_newest_payment_given_back_takes_the_access_and_the_next_one_brings_it_again():
    story = subscribed().refund("s", 2000, t=3 * DAY, intent="pi_in_s_0")
    grant = story.decide(4 * DAY).grants[0]
    assert (grant.state, grant.reason) == (State.REVOKED, "refunded")
    story.invoice("s", 1, t=MONTH, until=2 * MONTH)
    assert story.states(MONTH + 1) == {"*": "active"}


def test_a_part_given_back_takes_nothing():
    assert subscribed().refund("s", 1999, t=3 * DAY, intent="pi_in_s_0").states(4 * DAY) == {"*": "active"}


@pytest.mark.parametrize(
    ("status", "state"), [("needs_response", "suspended"), ("lost", "revoked"), ("won", "active")]
)
def test_a_disputed_renewal(status, state):
    assert subscribed().dispute("s", status, t=3 * DAY, intent="pi_in_s_0").states(4 * DAY) == {"*": state}


def test_a_subscription_without_an_order_of_ours_is_foreign():
    story = Story().subscription("s", "active", t=60, metadata={})
    assert story.decide(DAY).grants == ()


def test_a_subscription_in_another_currency_than_its_order_grants_nothing():
    story = Story().plan_order("s", currency="usd").subscription("s", "active", t=60)
    assert story.decide(DAY).grants == ()


def test_a_paid_plan_whose_subscription_is_not_heard_of_is_reported():
    story = Story().plan_order("s").plan_session("s")
    assert [gap.reason for gap in story.decide(DAY).unfulfilled] == ["subscription_missing"]
    assert story.subscription("s", "active", t=61).decide(DAY).unfulfilled == ()
