"""Consumers join and leave while the database is unavailable: every partition is read again afterwards."""

import uuid
from collections.abc import Iterator

import invariants
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from devstack.testing import stack
from devstack.testing.stack import RunningStack
from messaging.runtime.log_bounds import LogReader
from messaging.settings import KafkaSettings
from schemas.topics import TOPICS

pytestmark = pytest.mark.kafka_protocol

CONSUMERS = ("checkout", "enrollment", "notifications", "reporting")
SECOND = tuple(f"{service}-2" for service in CONSUMERS)
PURCHASES = 12


@pytest.fixture(params=["consumer", "classic"])
def scaled_stack(request: pytest.FixtureRequest) -> Iterator[RunningStack]:
    """A stack with two consumers of each service that use one of the group protocols."""
    scale = [part for service in CONSUMERS for part in ("--scale", f"{service}=2")]
    with stack.run(*scale, KAFKA_GROUP_PROTOCOL=request.param) as running:
        yield running


def members(running: RunningStack, group: str) -> int:
    admin = AdminClient({"bootstrap.servers": running.status["kafka"]})
    described = admin.describe_consumer_groups([group], request_timeout=10)
    return len(described[group].result().members)


def lag(running: RunningStack, group: str) -> int:
    """Messages between the committed offsets and the ends of the topics, both as the broker reports them."""
    kafka = KafkaSettings(bootstrap_servers=running.status["kafka"])
    admin = AdminClient(kafka.common("tests"))
    answer = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=10)
    committed = {
        (each.topic, each.partition): each.offset for each in answer[group].result().topic_partitions
    }
    reader = LogReader(kafka, group, "tests")
    try:
        places, _ = reader.partitions([topic for topic in TOPICS if topic in {name for name, _ in committed}])
        ends = reader.bounds(places).known
        return sum(bounds.high - max(0, committed.get(place, 0)) for place, bounds in ends.items())
    finally:
        reader.close()


@pytest.mark.timeout(600)
def test_partitions_assigned_again_after_an_outage_are_read(scaled_stack: RunningStack) -> None:
    running = scaled_stack
    course = f"course-{uuid.uuid4().hex[:8]}"
    running.client.put_course(course, {"title": "Held up", "prices": [{"currency": "usd", "amount": 4900}]})
    buyers = [running.client.user() for _ in range(3 * PURCHASES)]
    pages = [str(running.client.checkout(buyer, course)["session_id"]) for buyer in buyers]

    def buy(number: int) -> None:
        for page in pages[number * PURCHASES : (number + 1) * PURCHASES]:
            assert running.client.pay(page)["status"] == "succeeded"

    def until_members(count: int) -> None:
        for group in CONSUMERS:
            running.eventually(
                f"{count} members in {group}", lambda group=group: members(running, group) == count, 60
            )

    buy(0)
    running.stop(*SECOND)
    until_members(1)
    running.stop("postgres")
    buy(1)
    running.start(*SECOND)
    until_members(2)
    running.start("postgres")
    running.wait_ready(120)
    running.stop(*SECOND)
    until_members(1)
    buy(2)
    for group in CONSUMERS:
        running.eventually(f"{group} has read everything", lambda group=group: lag(running, group) == 0, 60)
    running.start(*SECOND)
    invariants.check(running, seconds=120)
    for buyer in buyers:
        assert [one["access"] for one in running.client.enrollments(buyer)] == [True]
