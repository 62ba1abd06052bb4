"""Reads a dead-letter topic: its dead letters, and which of them have been requeued.

A dead letter stays in its topic until retention removes it. A requeue is recorded by a note in the same
partition (see requeue.py), so that every operator sees it from every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from messaging.errors import Poison, UnknownTopic
from messaging.message import raw_headers
from messaging.settings import MAX_DEAD_LETTER_BYTES, KafkaSettings

PUT_BACK = "dlq-put-back"
"""Header of a note: the dead letter that was requeued, as PARTITION/OFFSET."""
PUT_BACK_COUNT = "dlq-put-back-count"
"""Header of a requeued message, and of its new dead letter if it is rejected again: how often it was
requeued."""
OMITTED = "dlq-omitted-bytes"
METADATA_SECONDS = 10.0
READ_SECONDS = 20.0

Headers = list[tuple[str, bytes | None]]


def topic_of(group: str) -> str:
    """Return the dead-letter topic of a consumer group."""
    return f"{group}.dlq"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Partition and offset of a dead letter."""

    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Parse PARTITION/OFFSET. Raises ValueError."""
        partition, slash, offset = text.partition("/")
        if not slash or not (partition.isdecimal() and offset.isdecimal()) or len(text) > 30:
            raise ValueError(f"{text!r} is not a place: write PARTITION/OFFSET, such as 3/17")
        return cls(int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A dead letter without its value. `requeued`: the times at which it was requeued, oldest first (RFC
    3339)."""

    place: Place
    headers: dict[str, str]
    size: int
    requeued: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Return the place it came from, as TOPIC/PARTITION/OFFSET."""
        return "/".join(self.headers.get(f"dlq-{name}", "?") for name in ("topic", "partition", "offset"))


@contextmanager
def reader(kafka: KafkaSettings) -> Iterator[Consumer]:
    """Open a client that reads and never commits."""
    consumer = Consumer(
        kafka.common("dead-letters")
        | {
            "group.id": "dead-letters",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.message.max.bytes": MAX_DEAD_LETTER_BYTES,
            # An empty fetch delays the next request, by default for half a second per partition.
            "fetch.wait.max.ms": 10,
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def stored_letters(consumer: Consumer, topic: str) -> list[StoredLetter]:
    """Return all dead letters of the topic, by partition and age. Raises UnknownTopic, KafkaException."""
    found: dict[Place, StoredLetter] = {}
    for record in records(consumer, topic):
        headers = texts(record)
        if PUT_BACK in headers:
            letter = found.get(Place.parse(headers[PUT_BACK]))
            if letter is not None:  # None: it expired before its note
                letter.requeued.append(headers.get("ce_time", "?"))
            continue
        place = place_of(record)
        found[place] = StoredLetter(place, headers, len(record.value() or b""))
    return list(found.values())


def records(consumer: Consumer, topic: str) -> Iterator[KafkaMessage]:
    """Yield what the topic holds now, partition by partition. Raises UnknownTopic, KafkaException."""
    for partition in partitions(consumer, topic):
        here = TopicPartition(topic, partition)
        low, high = consumer.get_watermark_offsets(here, timeout=READ_SECONDS)
        if low < high:
            here.offset = low
            consumer.assign([here])
            yield from _to_the_end(consumer, high)
            consumer.unassign()


def record_at(consumer: Consumer, topic: str, place: Place) -> KafkaMessage | None:
    """Return the record at that offset; None if it has expired. Raises UnknownTopic, KafkaException."""
    if place.partition not in partitions(consumer, topic):
        return None
    here = TopicPartition(topic, place.partition, place.offset)
    low, high = consumer.get_watermark_offsets(here, timeout=READ_SECONDS)
    if not low <= place.offset < high:
        return None
    consumer.assign([here])
    try:
        record = next(_to_the_end(consumer, place.offset + 1), None)
    finally:
        consumer.unassign()
    return record if record is not None and record.offset() == place.offset else None


def partitions(consumer: Consumer, topic: str) -> list[int]:
    """Return the topic's partitions. Raises UnknownTopic, KafkaException."""
    known = consumer.list_topics(timeout=METADATA_SECONDS).topics
    if topic not in known:
        others = ", ".join(sorted(name for name in known if name.endswith(topic_of(""))))
        raise UnknownTopic(f"The topic {topic} does not exist. Dead-letter topics here: {others or 'none'}.")
    return sorted(known[topic].partitions)


def place_of(record: KafkaMessage) -> Place:
    """Return partition and offset of a record."""
    partition, offset = record.partition(), record.offset()
    assert partition is not None and offset is not None
    return Place(partition, offset)


def texts(record: KafkaMessage) -> dict[str, str]:
    """Return the headers as text, with bytes that are not UTF-8 escaped; empty if a name is unreadable."""
    try:
        pairs = raw_headers(record)
    except Poison:
        return {}
    return {name: (raw or b"").decode("utf-8", "backslashreplace") for name, raw in pairs}


def _to_the_end(consumer: Consumer, end: int) -> Iterator[KafkaMessage]:
    while True:
        record = consumer.poll(READ_SECONDS)
        if record is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the topic could not be read to its end"))
        error = record.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                return
            raise KafkaException(error)
        yield record
        if place_of(record).offset + 1 >= end:
            return
