"""Real consumer processes on real Kafka lose and double nothing while members are killed, stopped and added.

Each scenario shuffles the messages of new users over the partitions, some of them twice, and disturbs the
group once the first user is enrolled. In the end the grants and announcements of every user are those of the
rules.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer as KafkaConsumer
from confluent_kafka import KafkaException, Producer, TopicPartition
from enrollment_consumer import CHANGED, Consumer, fold
from enrollment_messages import DAY
from enrollment_mutants import MUTANTS
from enrollment_stories import Story

from messaging.message import Message, OutgoingMessage
from processkit.clock import utc_now

pytestmark = pytest.mark.kafka_protocol

SCRIPT = Path(__file__).parents[1] / "support" / "enrollment_process.py"
PARTITIONS = 6
SCENARIOS = 24
DEADLINE = 90


class Group:
    """The consumer processes of one group."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, str(SCRIPT), *arguments]
        self._environment = {
            **os.environ,
            # The time until a killed member is removed. With the newer protocol it is the broker's 45 s.
            "KAFKA_GROUP_PROTOCOL": "classic",
            "KAFKA_CONSUMER_CONFIG": json.dumps({"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}),
        }
        self.members: list[subprocess.Popen[bytes]] = []

    def join(self) -> None:
        self.members.append(subprocess.Popen(self._command, env=self._environment))

    def kill(self) -> None:
        member = self.members.pop(0)
        member.kill()
        member.wait()

    def stop(self) -> None:
        member = self.members.pop(0)
        member.terminate()
        assert member.wait(timeout=15) == 0, "a consumer exits with 0 on SIGTERM"

    def end(self) -> None:
        while self.members:
            self.kill()


def kill_and_join(group: Group) -> None:
    group.kill()
    group.join()


def stop_and_join(group: Group) -> None:
    group.join()
    group.stop()


def join_and_stop_later(group: Group) -> None:
    group.join()
    time.sleep(random.Random(len(group.members)).uniform(0.5, 2))
    group.stop()


DISTURBANCES: tuple[Callable[[Group], None], ...] = (
    kill_and_join,
    stop_and_join,
    join_and_stop_later,
    lambda group: None,
)


def make_stories(scenario: int, rng: random.Random) -> list[Story]:
    people = []
    for place in range(30):
        name = f"{scenario}_{place}"
        story = Story(f"u{name}", prefix=f"{name}_").purchase(f"o{name}", ("a", 500), ("b", 700))
        match rng.randrange(6):
            case 0:
                story.refund(f"o{name}", 1200, t=DAY, only_charge=True)
            case 1:
                story.refund(f"o{name}", 700, t=DAY)
                story.refund(f"o{name}", 700, t=2 * DAY, status="failed", kind="failed")
            case 2:
                story.dispute(f"o{name}", "needs_response", t=DAY)
                story.dispute(f"o{name}", "lost", t=2 * DAY, kind="closed")
            case 3:
                story.purchase(f"p{name}", ("a", 500), t=DAY)
            case 4:
                story.grant(f"d{name}", "c", t=DAY)
            case _:
                pass
        people.append(story)
    return people


def publish(bootstrap: str, topic: str, messages: list[Message], rng: random.Random) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for message in messages:
        sent = OutgoingMessage(
            topic, message.key or "", message.id, message.type, message.source, message.time, message.value
        )
        producer.produce(
            topic, message.value, partition=rng.randrange(PARTITIONS), headers=sent.kafka_headers()
        )
    assert producer.flush(30) == 0


def settled(consumer: Consumer, people: list[Story]) -> bool:
    users = [story.user for story in people]
    grants = {(row[0], row[2], row[3]): (row[5], row[11]) for row in consumer.grants(users)}
    return grants == {
        (story.user, grant.source_id, grant.line_id): (grant.state.value, grant.duplicate_of)
        for story in people
        for grant in story.decide().grants
    }


@pytest.mark.timeout(900)
def test_consumers_that_join_and_leave_lose_and_double_nothing(dsn, consumer, make_topic, kafka_bootstrap):
    topic, dead_letters = make_topic(PARTITIONS, "enrollment-in"), make_topic(1, "enrollment-dlq")
    group = Group(dsn, f"g-{topic}", topic, dead_letters)
    try:
        group.join()
        group.join()
        for scenario in range(SCENARIOS):
            rng = random.Random(scenario)
            people = make_stories(scenario, rng)
            messages = [message for story in people for message in story.messages]
            messages += rng.sample(messages, k=len(messages) // 3)
            rng.shuffle(messages)
            publish(kafka_bootstrap, topic, messages, rng)
            users = [story.user for story in people]
            _wait(lambda users=users: consumer.access(users), f"scenario {scenario} begins")
            DISTURBANCES[scenario % len(DISTURBANCES)](group)
            _wait(lambda people=people: settled(consumer, people), f"scenario {scenario} ends well")
            _assert_announced(consumer, people)
            consumer.forget_outbox()
    finally:
        group.end()
    before = consumer.state_hash()
    consumer.now = utc_now()
    assert consumer.derivation.rebuild(dsn) == SCENARIOS * 30
    assert consumer.state_hash() == before
    assert consumer.announced() == []


def all_committed(bootstrap: str, group: str, topic: str) -> bool:
    """Return whether the group has committed all messages of the topic."""
    reader = KafkaConsumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    try:
        places = reader.committed([TopicPartition(topic, number) for number in range(PARTITIONS)], timeout=10)
        ends = [reader.get_watermark_offsets(place, timeout=10)[1] for place in places]
        return all(max(place.offset, 0) == end for place, end in zip(places, ends, strict=True))
    except KafkaException:  # the group coordinator is still loading
        return False
    finally:
        reader.close()


def first_wrong(
    consumer: Consumer, bootstrap: str, dsn: str, topics: tuple[str, str], mutant: str, scenarios: int
) -> int | None:
    """Return the first scenario that ends in a wrong state with three undisturbed processes, or None."""
    topic, dead_letters = topics
    name = f"g-{topic}"
    group = Group(dsn, name, topic, dead_letters, mutant)
    try:
        for _ in range(3):
            group.join()
        for scenario in range(scenarios):
            rng = random.Random(scenario)
            people, waves = with_separate_refunds(scenario, rng)
            for wave in waves:
                publish(bootstrap, topic, wave, rng)
                _wait(lambda: all_committed(bootstrap, name, topic), f"scenario {scenario} ends")
            if not settled(consumer, people):
                return scenario
        return None
    finally:
        group.end()


def with_separate_refunds(scenario: int, rng: random.Random) -> tuple[list[Story], list[list[Message]]]:
    """Return stories and two waves of messages; the second has charges and their refunds, in any partitions.

    Only the charge names the payment of the refund, so the derivation of either needs both.
    """
    people = make_stories(scenario, rng)
    first = [message for story in people for message in story.messages]
    last = []
    for place in range(30):
        name = f"torn{scenario}_{place}"
        story = Story(f"u{name}", prefix=f"{name}_").order(f"o{name}", ("a", 500)).session(f"o{name}", 500)
        first += story.messages
        known = len(story.messages)
        story.charge(f"o{name}", 500, t=61).refund(f"o{name}", 500, t=DAY, only_charge=True)
        last += story.messages[known:]
        people.append(story)
    rng.shuffle(first)
    rng.shuffle(last)
    return people, [first, last]


@pytest.fixture
def topics(make_topic) -> tuple[str, str]:
    return make_topic(PARTITIONS, "enrollment-in"), make_topic(1, "enrollment-dlq")


def test_without_a_mutant_every_scenario_ends_well(dsn, consumer, topics, kafka_bootstrap):
    assert first_wrong(consumer, kafka_bootstrap, dsn, topics, "", 4) is None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_detected_with_real_processes(dsn, consumer, topics, kafka_bootstrap, mutant):
    found = first_wrong(consumer, kafka_bootstrap, dsn, topics, mutant, SCENARIOS)
    assert found is not None, f"the mutant was not detected in {SCENARIOS} scenarios"


def _assert_announced(consumer: Consumer, people: list[Story]) -> None:
    announced = consumer.announced()
    ids = [body["event_id"] for body in announced if body["type"] == CHANGED]
    assert len(ids) == len(set(ids))
    announced_state = {key: (body["access"], body["state"]) for key, body in fold(announced).items()}
    assert announced_state == {
        (story.user, access.course_id): (access.access, access.state)
        for story in people
        for access in story.decide().access
    }


def _wait(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE} s: {what}"
        time.sleep(0.1)
