"""What a batch writes: grants, access, announcements."""

import itertools
import random

import pytest
from enrollment_consumer import CHANGED, DUPLICATE, MIGRATIONS, WITHDRAWN, Consumer, fold
from enrollment_messages import DAY, at
from enrollment_stories import Story


def test_a_purchase_is_announced_once_with_its_cause(consumer):
    story = Story().purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    (announced,) = consumer.announced()
    assert (announced["type"], announced["user_id"], announced["course_id"]) == (CHANGED, "user_1", "python")
    assert (announced["access"], announced["state"], announced["source"]) == (
        True,
        "active",
        {"kind": "order", "id": "ord_1"},
    )
    assert announced["cause"] == {"event_id": story.messages[-1].id, "type": "checkout.session.completed"}
    assert announced["version"] == int(consumer.now.timestamp() * 1_000_000)


def test_a_redelivery_announces_nothing(consumer):
    story = Story().purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    consumer.forget_outbox()
    consumer.now = at(11 * DAY)
    consumer.apply(story.messages, story.messages[::-1])
    assert consumer.announced() == []


def test_versions_grow_even_if_the_clock_stops_or_moves_back(consumer):
    story = Story().purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    consumer.now = at(0)
    consumer.apply(story.refund("ord_1", 3000, t=DAY).messages)
    first, second = consumer.announced()
    assert second["version"] == first["version"] + 1
    assert (second["access"], second["state"]) == (False, "revoked")


def test_a_duplicate_is_announced_once_for_the_later_order(consumer):
    story = Story().purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages)
    story.purchase("ord_2", ("python", 3000), t=DAY)
    consumer.apply(story.messages, story.messages)
    (announced,) = [body for body in consumer.announced() if body["type"] == DUPLICATE]
    assert (announced["order_id"], announced["first_order_id"]) == ("ord_2", "ord_1")
    assert announced["payment_intent_id"] == "pi_ord_2"


def test_a_duplicate_is_announced_again_when_another_order_proves_to_be_the_first(consumer):
    """The clock moves back meanwhile. The version must still grow, or consumers would ignore it."""
    story = Story().purchase("ord_2", ("python", 3000), t=DAY).purchase("ord_3", ("python", 3000), t=2 * DAY)
    consumer.apply(story.messages)
    consumer.now = at(0)
    story.purchase("ord_1", ("python", 3000))
    consumer.apply(story.messages, story.messages)
    announced = [body for body in consumer.announced() if body["type"] == DUPLICATE]
    assert [(body["order_id"], body["first_order_id"]) for body in announced] == [
        ("ord_3", "ord_2"),
        ("ord_2", "ord_1"),
        ("ord_3", "ord_1"),
    ]
    assert announced[2]["version"] == announced[0]["version"] + 1
    assert len({body["event_id"] for body in announced}) == 3


def test_a_duplicate_that_temporarily_was_none_is_announced_again(consumer):
    story = Story().purchase("ord_1", ("python", 3000)).purchase("ord_2", ("python", 3000), t=DAY)
    consumer.apply(story.messages)
    consumer.apply(story.refund("ord_1", 3000, t=2 * DAY).messages)
    consumer.apply(story.refund("ord_1", 3000, t=3 * DAY, status="failed", kind="failed").messages)
    announced = [body for body in consumer.announced() if body["type"] == DUPLICATE]
    assert [(body["order_id"], body["first_order_id"]) for body in announced] == [("ord_2", "ord_1")] * 2
    assert announced[0]["version"] < announced[1]["version"]


def test_a_duplicate_that_a_late_event_disproves_is_withdrawn(consumer):
    """The refund of the first order happened before the second was bought, and its event arrives last."""
    story = Story().purchase("ord_1", ("python", 3000)).purchase("ord_2", ("python", 3000), t=2 * DAY)
    consumer.apply(story.messages)
    consumer.apply(story.refund("ord_1", 3000, t=DAY).messages, story.messages)
    announced, withdrawn = [body for body in consumer.announced() if body["type"] != CHANGED]
    assert (announced["type"], withdrawn["type"]) == (DUPLICATE, WITHDRAWN)
    assert withdrawn["order_id"] == announced["order_id"] == "ord_2"
    assert withdrawn["version"] > announced["version"]


def test_an_order_that_proves_to_be_the_first_is_withdrawn_as_a_duplicate(consumer):
    """Its first payment arrives after its second, and after the payment of another order between the two."""
    story = Story().purchase("ord_1", ("python", 3000), t=2 * DAY).purchase("ord_2", ("python", 3000), t=DAY)
    consumer.apply(story.messages)
    consumer.apply(story.purchase("ord_1", ("python", 3000)).messages)
    kinds = [(body["type"], body["order_id"]) for body in consumer.announced() if body["type"] != CHANGED]
    assert kinds[0] == (DUPLICATE, "ord_1")
    assert sorted(kinds[1:]) == [(DUPLICATE, "ord_2"), (WITHDRAWN, "ord_1")]


def test_a_change_by_time_alone_is_derived_when_due_and_has_no_cause(consumer):
    story = Story().purchase("ord_1", ("python", 3000), days=5)
    consumer.now = at(DAY)
    consumer.apply(story.messages)
    consumer.forget_outbox()
    with consumer.transaction() as tx:
        assert consumer.derivation.due(tx, 10) == []
    consumer.now = at(60 + 5 * DAY)
    with consumer.transaction() as tx:
        consumer.derivation.derive_owners(tx, consumer.derivation.due(tx, 10))
    (announced,) = consumer.announced()
    assert (announced["state"], announced["access"], announced["cause"]) == ("expired", False, None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_order_session_and_refund_in_any_order_end_revoked(consumer, order):
    story = Story().order("ord_1", ("python", 3000)).session("ord_1", 3000).refund("ord_1", 3000, t=DAY)
    for place in order:
        consumer.apply([story.messages[place]])
    assert [row[5] for row in consumer.grants()] == ["revoked"]
    assert fold(consumer.announced())["user_1", "python"]["state"] == "revoked"


def test_a_user_whose_derivation_fails_is_marked_and_others_are_derived(consumer, db):
    broken = Story("broken", prefix="b").purchase("ord_1", ("python", 3000))
    healthy = Story("healthy", prefix="w").purchase("ord_2", ("python", 3000))
    consumer.apply(broken.messages + healthy.messages)
    db.execute("update events set facts = '{}' where order_id = 'ord_1' and type like 'masterji%'")
    consumer.apply(broken.messages + healthy.refund("ord_2", 3000, t=DAY).messages)
    marked = db.execute("select owner_id from owners where needs_derivation").fetchall()
    assert marked == [("broken",)]
    assert [row[5] for row in consumer.grants()] == ["active", "revoked"]


def test_a_gap_is_recorded_and_closed_by_the_missing_event(consumer, db):
    story = Story().order("ord_1", ("python", 3000)).payment("ord_1", 3000)
    consumer.apply(story.messages)
    assert db.execute("select order_id, user_id, reason from unfulfilled").fetchall() == [
        ("ord_1", "user_1", "session_missing")
    ]
    consumer.apply(story.session("ord_1", 3000).messages)
    assert db.execute("select count(*) from unfulfilled").fetchone() == (0,)


def test_no_personal_data_is_stored(consumer, db):
    consumer.apply(Story().purchase("ord_1", ("python", 3000)).messages)
    everything = str(db.execute("select * from events").fetchall())
    assert "learner@example.com" not in everything
    assert "Lea" not in everything


def test_deriving_everything_again_changes_no_row_and_announces_nothing(consumer, db, dsn):
    stories = [_busy(number) for number in range(20)]
    consumer.apply([message for story in stories for message in story.messages])
    before = db.execute("select xmin, ctid, * from grants").fetchall()
    before += db.execute("select xmin, ctid, * from access").fetchall()
    consumer.forget_outbox()
    assert consumer.derivation.rebuild(dsn, chunk=7) == 20
    after = db.execute("select xmin, ctid, * from grants").fetchall()
    after += db.execute("select xmin, ctid, * from access").fetchall()
    assert after == before
    assert consumer.announced() == []


def test_a_shuffled_log_in_small_batches_ends_in_the_state_of_the_whole_log(consumer, make_database):
    stories = [_busy(number) for number in range(8)]
    messages = [message for story in stories for message in story.messages]
    consumer.apply(messages)
    shuffled = messages * 2
    random.Random(7).shuffle(shuffled)
    with Consumer(make_database(MIGRATIONS)) as other:
        other.apply(*(shuffled[start : start + 5] for start in range(0, len(shuffled), 5)))
        assert other.grants() == consumer.grants()
        assert fold(other.announced()) == fold(consumer.announced())


def _busy(number: int) -> Story:
    story = Story(f"user_{number}", prefix=f"{number}_")
    story.purchase(f"o{number}", ("python", 3000), ("sql", 2000))
    if number % 2:
        story.refund(f"o{number}", 2000, t=DAY)
    if number % 3 == 0:
        story.dispute(f"o{number}", "needs_response", t=2 * DAY)
    if number % 4 == 0:
        story.subscribed(f"s{number}")
    return story
