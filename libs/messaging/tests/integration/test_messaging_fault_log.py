"""A log that lost something stops the consumer with a sentence for a person; a missing topic is said."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from messaging_effects import committed, publish, until
from messaging_parcels import chains
from prometheus_client import REGISTRY

from messaging.errors import Halted
from messaging.log_bounds import Bounds, LogBounds
from messaging.log_observer import Snapshot
from messaging.offsets import Offsets
from messaging.partitions import Place

pytestmark = pytest.mark.kafka_protocol


def admin(service: Any) -> AdminClient:
    return AdminClient({"bootstrap.servers": service.kafka.bootstrap_servers})


def cut_off(service: Any, partition: int, offset: int) -> None:
    """Delete what lies before `offset`, as a too short retention would."""
    place = TopicPartition(service.topic, partition, offset)
    client = admin(service)  # kept: a client that is collected never answers
    for future in client.delete_records([place]).values():
        future.result(timeout=20)


def halted(service: Any, running: Any, *words: str) -> None:
    until(lambda: running.said("consumer").startswith("halted"), what=running.health.ready)
    assert all(word in running.said("consumer") for word in words), running.said("consumer")
    assert running.health.live()[0] and not running.health.ready()[0]
    assert REGISTRY.get_sample_value("messaging_halted", {"group": service.group}) == 1


def test_messages_deleted_before_the_group_read_them(service: Any) -> None:
    first, second = chains(service.topic, 5), chains(service.topic, 5, prefix="later")
    publish(service.kafka, first, partition=0)
    running = service.consumer()
    service.effects.wait_for(first)
    running.stop()
    assert committed(service.kafka, service.group, service.topic)[0] == 20
    publish(service.kafka, second, partition=0)
    cut_off(service, 0, 30)
    running = service.consumer()
    halted(service, running, "10 messages", f"{service.topic}/0", "position 20, log begins at 30")
    assert service.effects.recorded() == {each.id for each in first}, "nothing was read past the gap"
    assert committed(service.kafka, service.group, service.topic)[0] == 20
    running.stop()


def test_a_cut_under_a_group_that_stands_at_the_end(service: Any) -> None:
    # No message comes that would show the gap: the position is compared with the log every few seconds.
    messages = chains(service.topic, 5)
    publish(service.kafka, messages, partition=1)
    running = service.consumer()
    service.effects.wait_for(messages)
    until(service.at_the_end)
    later = chains(service.topic, 5, prefix="later")
    # The partition is held by nobody while its messages are published and deleted.
    running.stop()
    publish(service.kafka, later, partition=1)
    cut_off(service, 1, 40)
    halted(service, service.consumer(), "20 messages", f"{service.topic}/1", "position 20, log begins at 40")


def test_a_cut_under_a_running_consumer_that_fetches_nothing(service: Any) -> None:
    with raw_consumer(service) as consumer:
        place = Place(service.topic, 1)
        consumer.commit(offsets=[TopicPartition(*place, 20)], asynchronous=False)
        offsets = Offsets(consumer, service.group, lambda: 0.0)
        offsets.assigned([TopicPartition(*place)])
        offsets.verify(Snapshot(1.0, LogBounds({place: Bounds(0, 20)})))
        assert not offsets.held
        offsets.verify(Snapshot(2.0, LogBounds({place: Bounds(20, 40)})))
        with pytest.raises(Halted, match=r"20 messages of .* were deleted"):
            offsets.verify(Snapshot(3.0, LogBounds({place: Bounds(40, 40)})))


def test_a_cut_that_takes_nothing_from_the_group_is_no_matter(service: Any) -> None:
    messages = chains(service.topic, 5)
    publish(service.kafka, messages, partition=0)
    running = service.consumer()
    service.effects.wait_for(messages)
    running.stop()
    cut_off(service, 0, 20)
    more = chains(service.topic, 5, prefix="more")
    publish(service.kafka, more, partition=0)
    running = service.consumer()
    service.effects.wait_for([*messages, *more])
    assert running.health.ready()[0] or until(lambda: running.health.ready()[0])


def test_a_log_that_ends_before_the_group_s_position(service: Any) -> None:
    # A topic made anew, a restored backup, an unclean election: what is there would be read from the
    # beginning, its offsets never committed, and the messages up to the old position skipped after a restart.
    publish(service.kafka, chains(service.topic, 2), partition=0)
    with raw_consumer(service) as consumer:
        consumer.commit(offsets=[TopicPartition(service.topic, 0, 20)], asynchronous=False)
    halted(service, service.consumer(), "ends at 8, before the position 20")
    assert service.effects.recorded() == set()


def test_where_a_broker_does_not_know_the_ends_no_consumer_halts_for_them(service: Any) -> None:
    place = Place(service.topic, 0)
    ends = Snapshot(1.0, LogBounds({place: Bounds(0, 8)}))
    with raw_consumer(service) as consumer:
        consumer.commit(offsets=[TopicPartition(*place, 20)], asynchronous=False)
        offsets = Offsets(consumer, service.group, lambda: 0.0, exact_ends=False)
        offsets.assigned([TopicPartition(*place)])
        offsets.verify(ends)
        assert not offsets.held
        offsets = Offsets(consumer, service.group, lambda: 0.0)
        offsets.assigned([TopicPartition(*place)])
        with pytest.raises(Halted, match="ends at 8, before the position 20"):
            offsets.verify(ends)


@contextmanager
def raw_consumer(service: Any) -> Iterator[Consumer]:
    consumer = Consumer(service.kafka.consumer(service.group, "tests"))
    try:
        yield consumer
    finally:
        consumer.close()


def test_a_missing_topic_is_said_and_found_once_it_is_there(
    service: Any, make_topic: Callable[..., str]
) -> None:
    service.topic = f"{service.topic}.missing"
    running = service.consumer()
    until(lambda: "topics are missing" in running.said("kafka"), what=running.health.ready)
    assert service.topic in running.said("kafka") and not running.health.ready()[0]
    client = admin(service)
    client.create_topics([NewTopic(service.topic, num_partitions=1, replication_factor=1)])[
        service.topic
    ].result(timeout=20)
    messages = chains(service.topic, 3)
    begun = time.monotonic()
    try:
        until(lambda: running.health.ready()[0], what=running.health.ready)
        publish(service.kafka, messages)
        service.effects.wait_for(messages, 20)
        assert time.monotonic() - begun < 20
    finally:
        client.delete_topics([service.topic])[service.topic].exception(timeout=20)


def test_the_lag_after_a_restart_counts_from_the_group_s_position(service: Any) -> None:
    messages = chains(service.topic, 10)
    publish(service.kafka, messages, partition=0)
    first = service.consumer()
    service.effects.wait_for(messages)
    first.stop()
    labels = {"group": service.group, "topic": service.topic, "partition": "0"}
    seen: list[float | None] = []
    running = service.consumer()
    until(lambda: running.health.ready()[0])
    until(lambda: seen.append(REGISTRY.get_sample_value("messaging_lag", labels)) or seen[-1] is not None)
    assert set(seen) <= {None, 0.0}, "everything was read before the restart"
