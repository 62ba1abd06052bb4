"""A log that lost messages halts the consumer with a reason for operators; a missing topic is reported."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from messaging_effects import committed, publish, until
from messaging_parcels import ParcelHandler, chains
from messaging_workers import Running, Service
from prometheus_client import REGISTRY

from messaging.errors import Halted
from messaging.eventset.event import Event
from messaging.message import OutgoingMessage
from messaging.runtime.log_bounds import Bounds, LogBounds
from messaging.runtime.log_observer import Snapshot
from messaging.runtime.offsets import Offsets
from messaging.runtime.partitions import Place
from processkit.postgres.database import Session

pytestmark = pytest.mark.kafka_protocol


def admin(service: Service) -> AdminClient:
    return AdminClient({"bootstrap.servers": service.kafka.bootstrap_servers})


def cut_off(service: Service, partition: int, offset: int) -> None:
    """Delete what lies before `offset`, as a too short retention would."""
    place = TopicPartition(service.topic, partition, offset)
    client = admin(service)  # kept, because a garbage-collected client never answers
    for future in client.delete_records([place]).values():
        future.result(timeout=20)


def halted(service: Service, running: Running, *words: str) -> None:
    until(lambda: running.said("consumer").startswith("halted"), what=running.health.ready)
    assert all(word in running.said("consumer") for word in words), running.said("consumer")
    assert running.health.live()[0] and not running.health.ready()[0]
    assert REGISTRY.get_sample_value("messaging_halted", {"group": service.group}) == 1


def read_by_a_consumer(service: Service, number: int) -> list[OutgoingMessage]:
    """Publish so many chains to partition 0, let a consumer read them and stop, and return the messages."""
    messages = chains(service.topic, number)
    publish(service.kafka, messages, partition=0)
    running = service.consumer()
    service.effects.wait_for(messages)
    running.stop()
    return messages


def test_messages_deleted_before_the_group_read_them_halt_the_consumer(service: Service) -> None:
    second = chains(service.topic, 5, prefix="later")
    first = read_by_a_consumer(service, 5)
    assert committed(service.kafka, service.group, service.topic)[0] == 20
    publish(service.kafka, second, partition=0)
    cut_off(service, 0, 30)
    running = service.consumer()
    halted(service, running, "10 messages", f"{service.topic}/0", "position 20, log begins at 30")
    assert service.effects.recorded() == {each.id for each in first}, "nothing was read past the gap"
    assert committed(service.kafka, service.group, service.topic)[0] == 20
    running.stop()


def test_messages_deleted_while_no_consumer_owns_the_partition_halt_it(service: Service) -> None:
    # No message shows the gap: the position is compared with the log every few seconds.
    messages = chains(service.topic, 5)
    publish(service.kafka, messages, partition=1)
    running = service.consumer()
    service.effects.wait_for(messages)
    until(service.at_the_end)
    later = chains(service.topic, 5, prefix="later")
    # No consumer owns the partition while its messages are published and deleted.
    running.stop()
    publish(service.kafka, later, partition=1)
    cut_off(service, 1, 40)
    halted(service, service.consumer(), "20 messages", f"{service.topic}/1", "position 20, log begins at 40")


def test_messages_deleted_before_they_were_fetched_halt_the_consumer(service: Service) -> None:
    # The client fetches next where the log begins now, which is its end: no message shows the gap, only the
    # event that the end was reached.
    inner = service.handler()
    inside, proceed = threading.Event(), threading.Event()

    class Slow(ParcelHandler):
        def record(self, tx: Session, events: Sequence[Event]) -> None:
            inside.set()
            assert proceed.wait(30)
            super().record(tx, events)

    narrow = {"queued.max.messages.kbytes": 1, "queued.min.messages": 1, "fetch.message.max.bytes": 2000}
    narrow |= {"fetch.max.bytes": 2000, "message.max.bytes": 2000}
    service.kafka = service.kafka.model_copy(update={"consumer_config": narrow})
    first = chains(service.topic, 1)
    publish(service.kafka, first, partition=0)
    running = service.consumer(Slow(inner.derivation), batch_size=1)
    assert inside.wait(30)
    for number in range(6):
        publish(service.kafka, chains(service.topic, 5, prefix=f"later{number}"), partition=0)
    cut_off(service, 0, 124)
    proceed.set()
    halted(service, running, "messages", f"{service.topic}/0", "log begins at 124")
    read = len(service.effects.recorded())
    assert committed(service.kafka, service.group, service.topic)[0] == read < 124


def test_the_position_advances_to_an_end_beyond_the_last_message(service: Service) -> None:
    # A transaction marker occupies an offset but is not a message.
    messages = chains(service.topic, 5)
    producer = Producer(service.kafka.producer("tests") | {"transactional.id": service.topic})
    producer.init_transactions(20)
    producer.begin_transaction()
    publish(service.kafka, messages, partition=0, producer=producer)
    producer.commit_transaction(20)
    running = service.consumer()
    service.effects.wait_for(messages)
    until(lambda: committed(service.kafka, service.group, service.topic) == (21, 21))
    until(lambda: running.health.ready()[0], what=running.health.ready)


def test_messages_of_an_open_transaction_do_not_look_like_a_lost_end(service: Service) -> None:
    service.kafka = service.kafka.model_copy(
        update={"consumer_config": {"isolation.level": "read_uncommitted"}}
    )
    messages = chains(service.topic, 5)
    producer = Producer(service.kafka.producer("tests") | {"transactional.id": service.topic})
    producer.init_transactions(20)
    producer.begin_transaction()
    publish(service.kafka, messages, partition=0, producer=producer)
    running = service.consumer()
    service.effects.wait_for(messages)
    until(lambda: committed(service.kafka, service.group, service.topic)[0] == 20)
    labels = {"group": service.group, "topic": service.topic, "partition": "0"}
    until(lambda: REGISTRY.get_sample_value("messaging_lag", labels) == 0)
    assert running.health.ready()[0], running.health.ready()
    producer.abort_transaction(20)


def test_messages_deleted_under_a_consumer_that_fetches_nothing_halt_it(service: Service) -> None:
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


def test_deleting_messages_that_the_group_has_read_is_harmless(service: Service) -> None:
    messages = read_by_a_consumer(service, 5)
    cut_off(service, 0, 20)
    more = chains(service.topic, 5, prefix="more")
    publish(service.kafka, more, partition=0)
    running = service.consumer()
    service.effects.wait_for([*messages, *more])
    assert running.health.ready()[0] or until(lambda: running.health.ready()[0])


def test_a_log_that_ends_before_the_position_halts_the_consumer(service: Service) -> None:
    # A topic created again, a restored backup, an unclean election: its messages would be read from the
    # beginning, its offsets never committed, and the messages up to the old position skipped after a restart.
    publish(service.kafka, chains(service.topic, 2), partition=0)
    with raw_consumer(service) as consumer:
        consumer.commit(offsets=[TopicPartition(service.topic, 0, 20)], asynchronous=False)
    halted(service, service.consumer(), "ends at 8, before the position 20")
    assert service.effects.recorded() == set()


def test_without_exact_ends_no_consumer_halts_because_of_them(service: Service) -> None:
    place = Place(service.topic, 0)
    ends = Snapshot(1.0, LogBounds({place: Bounds(0, 8)}))
    with raw_consumer(service) as consumer:
        consumer.commit(offsets=[TopicPartition(*place, 20)], asynchronous=False)
        offsets = Offsets(consumer, service.group, lambda: 0.0, exact_ends=False)
        offsets.assigned([TopicPartition(*place)])
        offsets.verify(ends)
        assert not offsets.held
        now = [0.0]
        offsets = Offsets(consumer, service.group, lambda: now[0])
        offsets.assigned([TopicPartition(*place)])
        now[0] = 1.5
        # One answer may come from a broker that no longer leads the partition.
        offsets.verify(ends)
        assert place in offsets.held
        offsets.verify(Snapshot(2.0, LogBounds({place: Bounds(0, 20)})))
        assert not offsets.held
        now[0] = 3.5
        offsets.verify(replace(ends, asked_at=3.0, positions={place: 20}))
        assert place in offsets.held
        with pytest.raises(Halted, match="ends at 8, before the position 20"):
            offsets.verify(replace(ends, asked_at=4.0, positions={place: 20}))


@contextmanager
def raw_consumer(service: Service) -> Iterator[Consumer]:
    consumer = Consumer(service.kafka.consumer(service.group, "tests"))
    try:
        yield consumer
    finally:
        consumer.close()


def test_a_missing_topic_is_reported_and_found_once_it_exists(
    service: Service, make_topic: Callable[..., str]
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


def test_the_lag_after_a_restart_counts_from_the_committed_offset(service: Service) -> None:
    read_by_a_consumer(service, 10)
    labels = {"group": service.group, "topic": service.topic, "partition": "0"}
    seen: list[float | None] = []
    running = service.consumer()
    until(lambda: running.health.ready()[0])
    until(lambda: seen.append(REGISTRY.get_sample_value("messaging_lag", labels)) or seen[-1] is not None)
    assert set(seen) <= {None, 0.0}, "everything was read before the restart"
