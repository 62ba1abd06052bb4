"""Counts effects: nothing lost, nothing applied twice."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
import psycopg
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as KafkaMessage
from messaging_parcels import as_event, total_of

from messaging.eventset.event import Event, chronological
from messaging.message import OutgoingMessage
from messaging.producer import create_producer
from messaging.settings import KafkaSettings


def until(condition: Callable[[], Any], seconds: float = 30.0, what: object = "the condition") -> Any:
    """Wait for a true answer and return it; errors of an unavailable database or broker count as false."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = condition()
        except (psycopg.OperationalError, KafkaException):
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s: {what() if callable(what) else what}"
        time.sleep(0.02)


def publish(
    kafka: KafkaSettings,
    messages: Iterable[OutgoingMessage],
    partition: int | None = None,
    producer: Producer | None = None,
) -> None:
    """Publish and wait for every acknowledgement."""
    producer = producer or create_producer(kafka, "tests")
    # An idempotent producer requests its id once it has a broker, but until then only every half second.
    producer.list_topics(timeout=10)
    errors: list[object] = []
    for each in messages:
        where = {} if partition is None else {"partition": partition}
        producer.produce(
            each.topic,
            key=each.key.encode(),
            value=each.value,
            headers=each.kafka_headers(),
            on_delivery=lambda error, _: errors.append(error) if error else None,
            **where,
        )
        producer.poll(0)
    assert producer.flush(30) == 0 and not errors, errors


def everything(kafka: KafkaSettings, topic: str) -> list[KafkaMessage]:
    """Return all records of a topic, in order within each partition."""
    consumer = Consumer(kafka.common("tests") | {"group.id": "tests-reader", "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        ends = {}
        for number in partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
            if high > low:
                ends[number] = high
        consumer.assign([TopicPartition(topic, number, 0) for number in ends])
        found: list[KafkaMessage] = []
        deadline = time.monotonic() + 20
        while ends:
            assert time.monotonic() < deadline, f"{topic} was not read to its end: {ends}"
            record = consumer.poll(0.5)
            if record is None or record.error() is not None:
                continue
            found.append(record)
            if record.offset() + 1 >= ends.get(record.partition(), 0):
                ends.pop(record.partition(), None)
        return found
    finally:
        consumer.close()


def committed(kafka: KafkaSettings, group: str, topic: str) -> tuple[int, int]:
    """Return the group's committed offset and the topic's end, summed over partitions."""
    consumer = Consumer(kafka.common("tests") | {"group.id": group, "enable.auto.commit": False})
    try:
        numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        places = [TopicPartition(topic, number) for number in numbers]
        ends = sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
        return sum(max(0, place.offset) for place in consumer.committed(places, timeout=10)), ends
    finally:
        consumer.close()


@dataclass
class Effects:
    """The effects of the parcel service on its database and its topic of announcements."""

    kafka: KafkaSettings
    dsn: str
    announcements: str

    def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=2) as connection:
            return connection.execute(statement, parameters or None).fetchall()  # type: ignore[arg-type]

    def recorded(self) -> set[str]:
        """Return the ids of the events in the set."""
        return {row[0] for row in self.query("select event_id from events")}

    def totals(self) -> dict[str, tuple[int, int, str]]:
        """Return the state: number, amount and digest by customer."""
        rows = self.query("select customer, number, amount, digest from totals")
        return {row[0]: tuple(row[1:]) for row in rows}  # type: ignore[misc]

    def unpublished(self) -> int:
        """Return the number of rows in the outbox."""
        return int(self.query("select count(*) from outbox")[0][0])

    def wait_for(self, messages: Collection[OutgoingMessage], seconds: float = 30.0) -> None:
        """Wait until the state is the one that these messages determine."""
        wanted = expected(as_event(each) for each in messages)
        until(
            lambda: self.totals() == wanted,
            seconds,
            lambda: f"{len(self.recorded())} recorded, {self.difference(wanted)}",
        )

    def difference(self, wanted: dict[str, tuple[int, int, str]]) -> str:
        found = self.totals()
        wrong = [name for name in wanted | found if wanted.get(name) != found.get(name)]
        return f"{len(wrong)} totals differ, e.g. {[(n, wanted.get(n), found.get(n)) for n in wrong[:3]]}"

    def check(self, messages: Collection[OutgoingMessage]) -> None:
        """Assert that set and state are those of the messages: nothing lost, nothing twice."""
        assert self.recorded() == {each.id for each in messages}
        assert self.totals() == expected(as_event(each) for each in messages)
        assert self.query("select owner_id from owners where needs_derivation") == []

    def check_announced(self) -> None:
        """Assert that applying the announcements gives the state, and that each announced a change."""
        assert self.unpublished() == 0
        versions: dict[str, dict[int, tuple[int, int, str]]] = defaultdict(dict)
        for record in everything(self.kafka, self.announcements):
            body = msgspec.json.decode(record.value() or b"")
            said = (body["number"], body["amount"], body["digest"])
            known = versions[body["customer"]].setdefault(body["version"], said)
            assert known == said, (
                f"version {body['version']} of {body['customer']} was announced with two contents"
            )
        folded = {name: history[max(history)] for name, history in versions.items()}
        assert folded == self.totals()
        for name, history in versions.items():
            ordered = [history[version] for version in sorted(history)]
            assert all(one != two for one, two in pairwise(ordered)), (
                f"{name} got the same announcement twice: an event was applied again"
            )


def expected(events: Iterable[Event]) -> dict[str, tuple[int, int, str]]:
    """Compute the expected state in the simplest way: follow the links until nothing is added."""
    unique = {event.id: event for event in events}
    tied: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in unique.values():
        for link in event.links.items():
            tied[link].append(event)
    result = {}
    for customer in {event.links["customer"] for event in unique.values() if "customer" in event.links}:
        mine: dict[str, Event] = {}
        waiting = list(tied["customer", customer])
        while waiting:
            event = waiting.pop()
            if event.id not in mine:
                mine[event.id] = event
                for name in ("parcel", "label"):
                    waiting.extend(tied.get((name, event.links.get(name, "")), ()))
        total = total_of(chronological(mine.values()))
        result[customer] = (total.number, total.amount, total.digest)
    return result
