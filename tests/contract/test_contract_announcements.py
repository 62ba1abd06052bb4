"""Every consumer of enrollment's announcements ends in enrollment's state, in any order and with repetition.

The relay deletes a row after the broker has stored it, so a crash in between publishes the row again. A
consumer that dies repeats its batch. Here the announcements of generated histories are shuffled and
duplicated, and consumed by the real consumer of each service in the table of topics. Its state must then
equal enrollment's.
"""

import itertools
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from enrollment_consumer import MIGRATIONS, Consumer
from enrollment_lives import stories
from enrollment_messages import DAY, at
from enrollment_stories import Story
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from checkout.handlers import CheckoutHandler
from messaging.message import Message
from schemas.events import DuplicateDetected, DuplicateWithdrawn
from schemas.topics import TOPICS

CHECKOUT = Path(__file__).resolve().parents[2] / "services" / "checkout"
NOW = at(100 * DAY)
_numbers = itertools.count()


def announcements(consumer: Consumer) -> list[Message]:
    """Return what the relay would publish, in its order, and empty the outbox."""
    with consumer.transaction() as tx:
        rows = tx.execute(
            "select topic, key, event_id, type, source, time, value from outbox order by id"
        ).fetchall()
    consumer.forget_outbox()
    return [
        Message(topic, 0, offset, key, bytes(value), id_, type_, source, time)
        for offset, (topic, key, id_, type_, source, time, value) in enumerate(rows)
    ]


def enroll(consumer: Consumer, people: Sequence[Story], chance: random.Random) -> list[Message]:
    """Apply the histories in random order, in batches, while the clock advances; return the announcements."""
    messages = [message for story in people for message in story.messages]
    chance.shuffle(messages)
    size = max(1, len(messages) // 5)
    for number, start in enumerate(range(0, len(messages), size)):
        consumer.now = at((number + 1) * 15 * DAY)
        consumer.apply(messages[start : start + size])
    return announcements(consumer)


def consume(
    checkout: psycopg.Connection[Any],
    messages: Sequence[Message],
    kind: type[CheckoutHandler] = CheckoutHandler,
) -> None:
    """Record and derive one batch, like checkout's consumer."""
    handler = kind(lambda: NOW)
    events = [event for message in messages if (event := handler.decode(message)) is not None]
    assert len(events) == len(messages), "checkout ignored an announcement of enrollment"
    with checkout.transaction():
        handler.record(checkout, events)
    with checkout.transaction():
        handler.derive(checkout, events)


ACCESS = (
    "select user_id, course_id, access, state, until, version from {table} where user_id = any(%s)"
    ' order by user_id collate "C", course_id collate "C"'
)


def access_rows(connection: psycopg.Connection[Any], table: str, people: Sequence[Story]) -> list[Any]:
    users = [story.user for story in people]
    return connection.execute(ACCESS.format(table=table), (users,)).fetchall()


def newest_duplicates(published: Sequence[Message]) -> dict[tuple[str, str], tuple[str, int]]:
    """First order and version of each announced duplicate (order, course), by its greatest version.

    The first order of one that was withdrawn is the order itself.
    """
    newest: dict[tuple[str, str], tuple[str, int]] = {}
    for message in published:
        body: DuplicateDetected | DuplicateWithdrawn
        if message.type == DuplicateDetected.TYPE:
            body = DuplicateDetected.model_validate_json(message.value)
            first = body.first_order_id
        elif message.type == DuplicateWithdrawn.TYPE:
            body = DuplicateWithdrawn.model_validate_json(message.value)
            first = body.order_id
        else:
            continue
        key = (body.order_id, body.course_id)
        if key not in newest or newest[key][1] < body.version:
            newest[key] = (first, body.version)
    return newest


@pytest.fixture
def checkout(make_database: Callable[..., str]) -> Any:
    with psycopg.connect(make_database(CHECKOUT), autocommit=True) as connection:
        yield connection


@pytest.fixture
def enrollment_dsn(make_database: Callable[..., str]) -> str:
    return make_database(MIGRATIONS)


def test_every_consumer_of_enrollments_is_tested_here() -> None:
    assert TOPICS["enrollments"].consumers == ("checkout",)


def test_any_order_and_repetition_ends_in_the_state_of_enrollment(
    enrollment_dsn: str, checkout: psycopg.Connection[Any]
) -> None:
    duplicates_seen = 0

    @settings(max_examples=120, database=None, suppress_health_check=list(HealthCheck))
    @given(people=st.builds(lambda: next(_numbers)).flatmap(stories), seed=st.integers(0, 2**32))
    def follow(people: list[Story], seed: int) -> None:
        nonlocal duplicates_seen
        chance = random.Random(seed)
        published = enroll(consumer, people, chance)
        received = published + chance.choices(published, k=len(published)) if published else []
        chance.shuffle(received)
        cuts = sorted(chance.randint(0, len(received)) for _ in range(3))
        for start, end in itertools.pairwise((0, *cuts, len(received))):
            consume(checkout, received[start:end])
        assert access_rows(checkout, "enrollments", people) == access_rows(looking, "access", people)
        duplicates = newest_duplicates(published)
        stored = (
            "select order_id, course_id, first_order_id, version from duplicates where order_id = any(%s)"
        )
        orders = [order for order, _ in duplicates]
        assert {tuple(row[:2]): tuple(row[2:]) for row in checkout.execute(stored, (orders,))} == duplicates
        standing = {(*key, first) for key, (first, _) in duplicates.items() if first != key[0]}
        granted = "select source_id, course_id, duplicate_of from grants where user_id = any(%s)"
        users = [story.user for story in people]
        assert standing == {row for row in looking.execute(granted, (users,)) if row[2] is not None}
        duplicates_seen += len(duplicates)

    with Consumer(enrollment_dsn) as consumer, psycopg.connect(enrollment_dsn, autocommit=True) as looking:
        follow()
    assert duplicates_seen > 0, "no history contains a duplicate purchase"


def test_a_subscription_is_announced_to_checkout_as_all_courses(
    enrollment_dsn: str, checkout: psycopg.Connection[Any]
) -> None:
    story = (
        Story()
        .plan_order("plan_1")
        .subscription("plan_1", "active", t=5)
        .invoice("plan_1", 1, t=9, until=30 * DAY)
    )
    with Consumer(enrollment_dsn) as consumer:
        consumer.now = at(DAY)
        consumer.apply(story.messages)
        consume(checkout, announcements(consumer))
        rows = checkout.execute("select course_id, access, until from enrollments").fetchall()
        assert [(course, access) for course, access, _ in rows] == [("*", True)]
        assert isinstance(rows[0][2], datetime)


class LastArrivalWins(CheckoutHandler):
    """A mutant that applies every announcement, whatever its version."""

    def record(self, tx: Any, events: Any) -> None:
        tx.execute("update enrollments set version = 0")
        super().record(tx, events)


def test_a_mutant_that_applies_the_last_arrival_fails(
    enrollment_dsn: str, checkout: psycopg.Connection[Any]
) -> None:
    @settings(
        max_examples=60,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(people=st.builds(lambda: next(_numbers)).flatmap(stories), seed=st.integers(0, 2**32))
    def follow(people: list[Story], seed: int) -> None:
        chance = random.Random(seed)
        received = enroll(consumer, people, chance)
        chance.shuffle(received)
        for message in received:
            consume(checkout, [message], LastArrivalWins)
        assert access_rows(checkout, "enrollments", people) == access_rows(looking, "access", people)

    with (
        Consumer(enrollment_dsn) as consumer,
        psycopg.connect(enrollment_dsn, autocommit=True) as looking,
        pytest.raises(AssertionError),
    ):
        follow()
