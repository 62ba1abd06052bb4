"""A database of an earlier release migrates to this one with its data.

Each was written by that commit from the same messages. The rules of all of them agree on these.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from enrollment_consumer import MIGRATIONS, Consumer
from enrollment_messages import DAY, at
from enrollment_stories import Story

from devstack.testing import releases
from devstack.testing.fixtures import MakeDatabase
from enrollment.domain import Policy
from enrollment.usecases.operations import Operations
from messaging.eventset.clock import ClockWorker
from processkit.health import Health
from processkit.postgres import migrations

DUMPS = sorted((Path(__file__).parents[1] / "data").glob("rows-*.json"))
WRITTEN = "select xmin, ctid, * from {}"


@pytest.fixture(params=DUMPS, ids=lambda path: path.stem)
def upgraded(request: pytest.FixtureRequest, make_database: MakeDatabase) -> str:
    """The DSN of the database of an earlier release, migrated to this one."""
    dsn = make_database()
    releases.restore(dsn, request.param, MIGRATIONS)
    return dsn


@pytest.fixture
def consumer(upgraded: str) -> Iterator[Consumer]:
    """This release's consumer on that database, at the time of the dump."""
    with Consumer(upgraded) as made:
        made.now = at(40 * DAY)
        yield made


def test_deriving_its_users_again_changes_no_row_and_announces_nothing(
    upgraded: str, consumer: Consumer
) -> None:
    with psycopg.connect(upgraded, autocommit=True) as db:
        tables = ("grants", "access", "unfulfilled", "rereads", "outbox")
        before = [db.execute(WRITTEN.format(table)).fetchall() for table in tables]
        assert all(before), "the dump has rows of each table"
        assert consumer.derivation.rebuild(upgraded) == 17
        assert [db.execute(WRITTEN.format(table)).fetchall() for table in tables] == before
        assert db.execute("select count(*) from owners where needs_derivation").fetchone() == (0,)


def test_new_events_continue_its_orders_and_subscriptions(consumer: Consumer) -> None:
    story = Story("buyer", prefix="later_")
    story.refund("o_buyer", 2000, t=39 * DAY, lines=["o_buyer_l2"])
    leaver = Story("late", prefix="later_late_").invoice("s_late", 1, t=39 * DAY, until=60 * DAY)
    consumer.apply(story.messages + leaver.messages)
    assert [(row[1], row[3]) for row in consumer.access(["buyer"])] == [
        ("python", "active"),
        ("sql", "revoked"),
    ]
    assert [(row[1], row[3]) for row in consumer.access(["late"])] == [("*", "active")]


def test_its_history_tells_what_led_to_each_grant(upgraded: str) -> None:
    steps = Operations(upgraded, Policy(), lambda: at(40 * DAY)).history("refunded")
    changes = [(step.event.type, change.after.state.value) for step in steps if step.event
               for change in step.changes if change.after]  # fmt: skip
    assert changes == [
        ("checkout.session.completed", "active"),
        ("checkout.session.completed", "active"),
        ("refund.created", "revoked"),
        ("refund.created", "revoked"),
        ("refund.failed", "active"),
    ]


def test_a_gap_of_an_order_that_is_not_ours_ends_with_the_migration(make_database: MakeDatabase) -> None:
    dsn = make_database()
    migrations.upgrade(dsn, MIGRATIONS, revision="0002")
    event = (
        "insert into events"
        " (event_id, type, created, rank, status, user_id, order_id, payment_intent_id, facts)"
        ' values (%s, %s, 1, 0, \'succeeded\', %s, %s, %s, \'{"amount": 4900, "currency": "eur"}\')'
    )
    with psycopg.connect(dsn, autocommit=True) as db:
        for user, order in (("42", "10017"), ("asha", "ord_1")):
            db.execute(event, (f"evt_{user}", "payment_intent.succeeded", user, order, f"pi_{user}"))
            db.execute("insert into owners (owner_id) values (%s)", (user,))
            db.execute(
                "insert into unfulfilled (order_id, user_id, payment_intent_id, paid_at, reason)"
                " values (%s, %s, %s, to_timestamp(0), 'order_unknown')",
                (order, user, f"pi_{user}"),
            )
    migrations.upgrade(dsn, MIGRATIONS)

    with psycopg.connect(dsn, autocommit=True) as db, Consumer(dsn) as consumer:
        due = db.execute("select owner_id from owners where next_change_at <= now()").fetchall()
        assert due == [("42",)]
        consumer.now = datetime.now(UTC)
        assert ClockWorker(consumer.derivation, dsn, Health()).once() == 1
        left = db.execute("select order_id, reason from unfulfilled").fetchall()
    assert left == [("ord_1", "order_unknown")]
