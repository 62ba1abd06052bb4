"""Every interleaving of two handlers of one user ends in the decision of the rules for the whole set.

All but two messages of a user have been handled. Two consumers with separate connections handle the last two
at the same time. Every order of their steps is run: record, commit, lock and read, write, commit.
"""

from collections.abc import Sequence

import pytest
from enrollment_consumer import CHANGED, Consumer, fold
from enrollment_messages import DAY
from enrollment_stories import Story, decode_all
from messaging_interleaving import ONE_TRANSACTION, Stage, merges

from enrollment.domain import Decision, Policy
from enrollment.usecases.deriving import derivation
from messaging.message import Message

NOW = 10 * DAY
TWO_TRANSACTIONS = ("record+commit", "read", "write", "commit")
# The lock is held from before the read to the commit, so no other handler can act between write and commit:
# three steps cover the same cases as four, with a third of the schedules.
IN_SHORT = ("record+commit", "read+commit", "write")


def two_consumers(
    dsn: str, consumer: Consumer, steps: Sequence[str] = TWO_TRANSACTIONS, lock: bool = True
) -> Stage[Decision]:
    """Return the stage of two handlers that have the consumer's time."""
    return Stage(dsn, lambda: derivation(Policy(), lambda: consumer.now), 2, steps, lock)


def full_story(number: int) -> tuple[Story, dict[str, Message]]:
    """Return a story with every kind of event, and its messages by name."""
    story = Story(f"u{number}", prefix=f"u{number}_")
    one, two, plan = f"o{number}", f"p{number}", f"s{number}"
    story.order(one, ("python", 3000))
    story.session(one, 3000)
    story.charge(one, 3000, t=61)
    story.refund(one, 3000, t=DAY, only_charge=True)
    story.order(two, ("python", 3000), t=2)
    story.session(two, 3000, t=120)
    story.dispute(two, "needs_response", t=2 * DAY)
    story.grant(f"d{number}", "python", t=3 * DAY)
    story.plan_order(plan)
    story.subscription(plan, "past_due", t=4 * DAY)
    story.invoice(plan, 1, t=5 * DAY, until=35 * DAY)
    names = [
        "order",
        "session",
        "charge",
        "refund",
        "order2",
        "session2",
        "dispute",
        "decision",
        "plan",
        "subscription",
        "invoice",
    ]
    return story, dict(zip(names, story.messages, strict=True))


NAMES = tuple(full_story(0)[1])


def wrong_ends(
    stage: Stage[Decision], consumer: Consumer, pair: tuple[str, str], first: int, stop_at: int | None = None
) -> int:
    """Run every schedule for a new user; return how many ended in a wrong state."""
    wrong = 0
    for number, schedule in enumerate(stage.all_schedules(), first):
        story, messages = full_story(number)
        consumer.forget_outbox()
        consumer.apply([message for name, message in messages.items() if name not in pair])
        stage.play(schedule, [decode_all([messages[name]]) for name in pair])
        wrong += not ends_well(consumer, story, story.decide(NOW))
        if stop_at is not None and wrong >= stop_at:
            break
    return wrong


def ends_well(consumer: Consumer, story: Story, expected: Decision) -> bool:
    """Return whether grants, access and announcements equal the decision of the rules for the whole set."""
    grants = {row[1:4]: (row[5], row[11]) for row in consumer.grants([story.user])}
    wanted = {
        (each.kind, each.source_id, each.line_id): (each.state.value, each.duplicate_of)
        for each in expected.grants
    }
    access = {row[1]: (row[2], row[3], row[5]) for row in consumer.access([story.user])}
    wanted_access = {each.course_id: (each.access, each.state, each.source_id) for each in expected.access}
    announced = [body for body in consumer.announced() if body["type"] == CHANGED]
    announced_access = {
        course: (body["access"], body["state"], body["source"]["id"])
        for (user, course), body in fold(announced).items()
        if user == story.user
    }
    return grants == wanted and access == wanted_access and announced_access == wanted_access


def test_all_orders_of_steps_are_enumerated():
    assert len(set(merges([4, 4]))) == 70


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES[:-1])
def test_each_pair_of_events_ends_well_in_every_interleaving(dsn, consumer, name):
    with two_consumers(dsn, consumer, IN_SHORT) as stage:
        for place, other in enumerate(NAMES[NAMES.index(name) + 1 :]):
            stage.blocked_steps = 0
            assert wrong_ends(stage, consumer, (name, other), 100 * place) == 0, other
            assert stage.blocked_steps > 0, f"no step waited for a lock: {name} and {other} did not collide"


@pytest.mark.parametrize(
    "pair", [("session", "refund"), ("charge", "refund"), ("session", "session2")], ids="-".join
)
def test_session_charge_and_refund_end_well_step_by_step(dsn, consumer, pair):
    with two_consumers(dsn, consumer) as stage:
        assert wrong_ends(stage, consumer, pair, 0) == 0
        assert stage.blocked_steps > 0


def test_a_mutant_with_one_transaction_is_detected(dsn, consumer):
    with two_consumers(dsn, consumer, ONE_TRANSACTION) as stage:
        assert wrong_ends(stage, consumer, ("session", "charge"), 0, stop_at=1), "the mutant survived"


def test_a_mutant_without_the_lock_is_detected(dsn, consumer):
    with two_consumers(dsn, consumer, lock=False) as stage:
        assert wrong_ends(stage, consumer, ("session", "dispute"), 0, stop_at=1), "the mutant survived"
