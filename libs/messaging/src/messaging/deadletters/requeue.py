"""Requeues dead letters: publishes their messages again to the topics that they came from.

A dead letter is never removed from its topic. Its message is published with its own key, value and headers,
and a header that counts requeues. Once the broker has acknowledged it, a note is stored next to the dead
letter. A crash in between leaves no note, so the message may be requeued twice, which consumers tolerate.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from messaging.deadletters.reading import (
    OMITTED,
    PUT_BACK,
    PUT_BACK_COUNT,
    Headers,
    Place,
    StoredLetter,
    partitions,
    place_of,
    record_at,
    texts,
)
from messaging.errors import Poison, UnknownTopic
from messaging.message import OutgoingMessage, raw_headers

DELIVERY_SECONDS = 30.0
_NOTE_TYPE = "messaging.dead_letter.put_back.v1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one dead letter: whether it was requeued, and a sentence for the operator."""

    place: Place
    done: bool
    sentence: str


class _NotRequeued(Exception):
    """This dead letter cannot be requeued; the message states why."""


def requeue(
    consumer: Consumer,
    producer: Producer,
    topic: str,
    chosen: Iterable[StoredLetter],
    now: Callable[[], datetime],
) -> Iterator[Outcome]:
    """Requeue the chosen dead letters, one after the other, and yield the outcome of each.

    Raises KafkaException when the topic itself cannot be read.
    """
    for place in sorted({letter.place for letter in chosen}):
        letter = record_at(consumer, topic, place)
        if letter is None:
            yield Outcome(place, False, "it has expired")
            continue
        try:
            where = _requeue(consumer, producer, letter)
            _note(producer, topic, place, where, now())
        except _NotRequeued as error:
            yield Outcome(place, False, str(error))
        else:
            about = texts(letter)
            name = f"{about.get('ce_id', '?')} ({about.get('ce_type', '?')})"
            yield Outcome(place, True, f"{name} was requeued to {where}")


def _requeue(consumer: Consumer, producer: Producer, letter: KafkaMessage) -> str:
    """Publish the message to its origin and return its place, as TOPIC/PARTITION/OFFSET."""
    about = texts(letter)
    origin = about.get("dlq-topic", "")
    if not origin:
        raise _NotRequeued("it does not name the topic that it came from, so none of our consumers wrote it")
    try:
        partitions(consumer, origin)
    except UnknownTopic:
        # Checked first, because a broker may be configured to create topics on write.
        raise _NotRequeued(f"its topic {origin} no longer exists") from None
    whole = _whole(consumer, origin, letter, about)
    before = texts(whole).get(PUT_BACK_COUNT, "")
    count = int(before) if before.isdecimal() and len(before) < 10 else 0
    kept = [(name, raw) for name, raw in raw_headers(whole) if not name.startswith("dlq-")]
    headers: Headers = [*kept, (PUT_BACK_COUNT, str(count + 1).encode())]
    return _send(producer, origin, whole.key(), whole.value(), headers)


def _whole(consumer: Consumer, origin: str, letter: KafkaMessage, about: dict[str, str]) -> KafkaMessage:
    """Return the original message: the dead letter itself, or its origin if the value was too large to
    store."""
    if OMITTED in about:
        place = Place.parse(f"{about['dlq-partition']}/{about['dlq-offset']}")
        found = record_at(consumer, origin, place)
        if found is None:
            raise _NotRequeued(f"its value stayed in {origin}/{place} and has expired there")
        letter = found
    try:
        if "dlq-unreadable-headers" in dict(raw_headers(letter)):
            raise _NotRequeued("the name of one of its headers cannot be read: it would be rejected again")
    except Poison:
        raise _NotRequeued(
            "the name of one of its headers cannot be read: it would be rejected again"
        ) from None
    return letter


def _note(producer: Producer, topic: str, place: Place, where: str, now: datetime) -> None:
    note = OutgoingMessage(
        topic=topic,
        key="",
        id=f"put-back-{topic}-{place}-{now.timestamp():.6f}"[:255],
        type=_NOTE_TYPE,
        source="dead-letters",
        time=now.astimezone(UTC),
        value=msgspec.json.encode({"letter": str(place), "now_at": where}),
        headers={PUT_BACK: str(place)},
    )
    headers = cast("Headers", note.kafka_headers())
    try:
        _send(producer, topic, None, note.value, headers, place.partition)
    except _NotRequeued as error:
        raise _NotRequeued(f"it was requeued to {where}, but the note could not be stored: {error}") from None


def _send(
    producer: Producer,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    partition: int | None = None,
) -> str:
    """Publish, wait for the acknowledgement and return the record's place. Raises _NotRequeued."""
    answers: list[KafkaMessage | KafkaError] = []

    def delivered(error: KafkaError | None, message: KafkaMessage) -> None:
        answers.append(error if error is not None else message)

    where: dict[str, Any] = {} if partition is None else {"partition": partition}
    try:
        producer.produce(
            topic,
            key=key,
            value=value,
            headers=cast("list[tuple[str, str | bytes | None]]", headers),
            on_delivery=delivered,
            **where,
        )
    except KafkaException as error:
        raise _NotRequeued(f"{topic} did not accept it: {error.args[0].str()}") from None
    producer.flush(DELIVERY_SECONDS)
    if not answers:
        raise _NotRequeued(f"{topic} did not acknowledge it within {DELIVERY_SECONDS:g} s; requeue it again")
    answer = answers[0]
    if isinstance(answer, KafkaError):
        raise _NotRequeued(f"{topic} did not accept it: {answer.str()}")
    return f"{topic}/{place_of(answer)}"
