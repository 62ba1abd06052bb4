"""Reading a dead-letter topic: its letters, and which of them have been put back already.

A letter stays where it is until its topic's retention ends. That it was put back is noted by a record of its
own in the same partition (see putting_back.py), so that everybody sees it, on whatever machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from messaging.errors import MessagingError, Poison
from messaging.message import raw_headers
from messaging.settings import MAX_DEAD_LETTER_BYTES, KafkaSettings

PUT_BACK = "dlq-put-back"
"""Header of a note: the letter that was put back, as PARTITION/OFFSET."""
PUT_BACK_COUNT = "dlq-put-back-count"
"""Header of a message that was put back, and of the letter it becomes if it is refused again: how often."""
OMITTED = "dlq-omitted-bytes"
METADATA_SECONDS = 10.0
READ_SECONDS = 20.0

Headers = list[tuple[str, bytes | None]]


def topic_of(group: str) -> str:
    """The dead-letter topic of a consumer group."""
    return f"{group}.dlq"


class UnknownTopic(MessagingError):
    """There is no such topic."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a letter lies in its topic."""

    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> "Place":
        """From PARTITION/OFFSET. Raises ValueError."""
        partition, slash, offset = text.partition("/")
        if not slash or not (partition.isdecimal() and offset.isdecimal()) or len(text) > 30:
            raise ValueError(f"{text!r} is no place of a letter: write PARTITION/OFFSET, such as 3/17")
        return cls(int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter without its value. `put_back`: when it was put back, oldest first (RFC 3339)."""

    place: Place
    headers: dict[str, str]
    size: int
    put_back: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Where it came from, as TOPIC/PARTITION/OFFSET."""
        return "/".join(self.headers.get(f"dlq-{name}", "?") for name in ("topic", "partition", "offset"))


@contextmanager
def reader(kafka: KafkaSettings) -> Iterator[Consumer]:
    """A client that reads and commits nothing."""
    consumer = Consumer(
        kafka.common("dead-letters")
        | {
            "group.id": "dead-letters",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.message.max.bytes": MAX_DEAD_LETTER_BYTES,
            # What is asked next waits behind a fetch that finds nothing: half a second for each partition.
            "fetch.wait.max.ms": 10,
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def letters(consumer: Consumer, topic: str) -> list[Letter]:
    """All letters of the topic, by partition and age. Raises UnknownTopic, KafkaException."""
    found: dict[Place, Letter] = {}
    for record in records(consumer, topic):
        headers = texts(record)
        if PUT_BACK in headers:
            letter = found.get(Place.parse(headers[PUT_BACK]))
            if letter is not None:  # else it has expired before its note
                letter.put_back.append(headers.get("ce_time", "?"))
            continue
        place = place_of(record)
        found[place] = Letter(place, headers, len(record.value() or b""))
    return list(found.values())


def records(consumer: Consumer, topic: str) -> Iterator[KafkaMessage]:
    """What the topic holds now, partition by partition. Raises UnknownTopic, KafkaException."""
    for partition in partitions(consumer, topic):
        here = TopicPartition(topic, partition)
        low, high = consumer.get_watermark_offsets(here, timeout=READ_SECONDS)
        if low < high:
            here.offset = low
            consumer.assign([here])
            yield from _to_the_end(consumer, high)
            consumer.unassign()


def record_at(consumer: Consumer, topic: str, place: Place) -> KafkaMessage | None:
    """The record of that offset; None if it is gone. Raises UnknownTopic, KafkaException."""
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
    """The topic's partitions. Raises UnknownTopic, KafkaException."""
    known = consumer.list_topics(timeout=METADATA_SECONDS).topics
    if topic not in known:
        others = ", ".join(sorted(name for name in known if name.endswith(topic_of(""))))
        raise UnknownTopic(f"There is no topic {topic}. Dead-letter topics here: {others or 'none'}.")
    return sorted(known[topic].partitions)


def place_of(record: KafkaMessage) -> Place:
    """Where a record lies."""
    partition, offset = record.partition(), record.offset()
    assert partition is not None and offset is not None
    return Place(partition, offset)


def texts(record: KafkaMessage) -> dict[str, str]:
    """The headers as text; what is not UTF-8 is shown escaped, and unreadable names not at all."""
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
