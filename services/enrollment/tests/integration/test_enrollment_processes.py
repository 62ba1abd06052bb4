"""Real consumer processes on real Kafka, killed, stopped and joined while they work: nothing lost or doubled.

Each scenario shuffles the lives of new users over the partitions, some messages twice, and disturbs the group
once the first of them is enrolled. In the end everybody has what the rules say, and was told so.
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
from confluent_kafka import Producer
from enrollment_consumer import CHANGED, Consumer, fold
from enrollment_stories import DAY, Story

from messaging.clock import utc_now
from messaging.message import Message, OutgoingMessage

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
            # A killed member is missed after this timeout; the newer protocol's is the broker's, 45 s.
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
        assert member.wait(timeout=15) == 0, "a consumer that is told to stop leaves in good order"

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


def lives(scenario: int, rng: random.Random) -> list[Story]:
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
def test_consumers_that_come_and_go_lose_and_double_nothing(dsn, consumer, make_topic, kafka_bootstrap):
    topic, dead_letters = make_topic(PARTITIONS, "enrollment-in"), make_topic(1, "enrollment-dlq")
    group = Group(dsn, f"g-{topic}", topic, dead_letters)
    try:
        group.join()
        group.join()
        for scenario in range(SCENARIOS):
            rng = random.Random(scenario)
            people = lives(scenario, rng)
            messages = [message for story in people for message in story.messages]
            messages += rng.sample(messages, k=len(messages) // 3)
            rng.shuffle(messages)
            publish(kafka_bootstrap, topic, messages, rng)
            users = [story.user for story in people]
            _wait(lambda users=users: consumer.access(users), f"scenario {scenario} begins")
            DISTURBANCES[scenario % len(DISTURBANCES)](group)
            _wait(lambda people=people: settled(consumer, people), f"scenario {scenario} ends as it should")
            _announced_well(consumer, people)
            consumer.forget_outbox()
    finally:
        group.end()
    before = consumer.state_hash()
    consumer.now = utc_now()
    assert consumer.derivation.rebuild(dsn) == SCENARIOS * 30
    assert consumer.state_hash() == before
    assert consumer.announced() == []


def _announced_well(consumer: Consumer, people: list[Story]) -> None:
    announced = consumer.announced()
    ids = [body["event_id"] for body in announced if body["type"] == CHANGED]
    assert len(ids) == len(set(ids))
    told = {key: (body["access"], body["state"]) for key, body in fold(announced).items()}
    assert told == {
        (story.user, access.course_id): (access.access, access.state)
        for story in people
        for access in story.decide().access
    }


def _wait(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE} s: {what}"
        time.sleep(0.1)
