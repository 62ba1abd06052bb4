"""What enrollment announces reaches everybody who listens, in any order and however often it is repeated.

The relay removes a row after the broker has it: a crash in between announces it once more, and a consumer
that dies repeats its batch. Here real announcements of made-up lives go to the real consumer of each service
that the table of topics names, shuffled and doubled; in the end they believe what enrollment does.
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
from enrollment_stories import DAY, Story, at
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from checkout.handlers import CheckoutHandler
from messaging.message import Message
from schemas.events import DuplicateDetected
from schemas.topics import TOPICS

CHECKOUT = Path(__file__).resolve().parents[2] / "services" / "checkout"
NOW = at(100 * DAY)
_numbers = itertools.count()


def announcements(consumer: Consumer) -> list[Message]:
    """What the relay would publish, in its order; then the outbox is empty."""
    with consumer.transaction() as tx:
        rows = tx.execute(
            "select topic, key, event_id, type, source, time, value from outbox order by id"
        ).fetchall()
    consumer.forget_outbox()
    return [
        Message(topic, 0, offset, key, bytes(value), id_, type_, source, time)
        for offset, (topic, key, id_, type_, source, time, value) in enumerate(rows)
    ]


def live(consumer: Consumer, people: Sequence[Story], chance: random.Random) -> list[Message]:
    """The lives arrive in some order, in batches, while the clock moves on."""
    messages = [message for story in people for message in story.messages]
    chance.shuffle(messages)
    size = max(1, len(messages) // 5)
    for number, start in enumerate(range(0, len(messages), size)):
        consumer.now = at((number + 1) * 15 * DAY)
        consumer.apply(messages[start : start + size])
    return announcements(consumer)


def hear(
    checkout: psycopg.Connection[Any],
    messages: Sequence[Message],
    kind: type[CheckoutHandler] = CheckoutHandler,
) -> None:
    """As checkout's consumer does with one batch."""
    handler = kind(lambda: NOW)
    events = [event for message in messages if (event := handler.decode(message)) is not None]
    assert len(events) == len(messages), "checkout listens to all that enrollment announces"
    with checkout.transaction():
        handler.record(checkout, events)
    with checkout.transaction():
        handler.derive(checkout, events)


BELIEVED = (
    "select user_id, course_id, access, state, until, version from {table} where user_id = any(%s)"
    ' order by user_id collate "C", course_id collate "C"'
)


def believed(connection: psycopg.Connection[Any], table: str, people: Sequence[Story]) -> list[Any]:
    users = [story.user for story in people]
    return connection.execute(BELIEVED.format(table=table), (users,)).fetchall()


def newest_duplicates(said: Sequence[Message]) -> dict[tuple[str, str], tuple[str, int]]:
    """First order and version of each (order, course) that was announced as bought twice, the newest word."""
    newest: dict[tuple[str, str], tuple[str, int]] = {}
    for message in said:
        if message.type == DuplicateDetected.TYPE:
            body = DuplicateDetected.model_validate_json(message.value)
            key = (body.order_id, body.course_id)
            if key not in newest or newest[key][1] < body.version:
                newest[key] = (body.first_order_id, body.version)
    return newest


@pytest.fixture
def checkout(make_database: Callable[..., str]) -> Any:
    with psycopg.connect(make_database(CHECKOUT), autocommit=True) as connection:
        yield connection


@pytest.fixture
def enrollment_dsn(make_database: Callable[..., str]) -> str:
    return make_database(MIGRATIONS)


def test_everybody_who_listens_is_tested_here() -> None:
    assert TOPICS["enrollments"].consumers == ("checkout",)


def test_any_order_and_any_repetition_ends_in_what_enrollment_believes(
    enrollment_dsn: str, checkout: psycopg.Connection[Any]
) -> None:
    duplicates_seen = 0

    @settings(max_examples=120, database=None, suppress_health_check=list(HealthCheck))
    @given(people=st.builds(lambda: next(_numbers)).flatmap(stories), seed=st.integers(0, 2**32))
    def follow(people: list[Story], seed: int) -> None:
        nonlocal duplicates_seen
        chance = random.Random(seed)
        said = live(consumer, people, chance)
        heard = said + chance.choices(said, k=len(said)) if said else []
        chance.shuffle(heard)
        cuts = sorted(chance.randint(0, len(heard)) for _ in range(3))
        for start, end in itertools.pairwise((0, *cuts, len(heard))):
            hear(checkout, heard[start:end])
        assert believed(checkout, "enrollments", people) == believed(looking, "access", people)
        doubled = newest_duplicates(said)
        noted = "select order_id, course_id, first_order_id, version from duplicates where order_id = any(%s)"
        orders = [order for order, _ in doubled]
        assert {tuple(row[:2]): tuple(row[2:]) for row in checkout.execute(noted, (orders,))} == doubled
        duplicates_seen += len(doubled)

    with Consumer(enrollment_dsn) as consumer, psycopg.connect(enrollment_dsn, autocommit=True) as looking:
        follow()
    assert duplicates_seen > 0, "no life bought anything twice"


def test_a_subscription_reaches_checkout_as_every_course(
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
        hear(checkout, announcements(consumer))
        rows = checkout.execute("select course_id, access, until from enrollments").fetchall()
        assert [(course, access) for course, access, _ in rows] == [("*", True)]
        assert isinstance(rows[0][2], datetime)


class LastOneWins(CheckoutHandler):
    """The mutant that believes whatever it heard last."""

    def record(self, tx: Any, events: Any) -> None:
        tx.execute("update enrollments set version = 0")
        super().record(tx, events)


def test_a_mutant_that_believes_the_last_word_goes_wrong(
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
        heard = live(consumer, people, chance)
        chance.shuffle(heard)
        for message in heard:
            hear(checkout, [message], LastOneWins)
        assert believed(checkout, "enrollments", people) == believed(looking, "access", people)

    with (
        Consumer(enrollment_dsn) as consumer,
        psycopg.connect(enrollment_dsn, autocommit=True) as looking,
        pytest.raises(AssertionError),
    ):
        follow()
