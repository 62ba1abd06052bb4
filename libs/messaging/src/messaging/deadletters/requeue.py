"""Putting dead letters back into the topics that they came from.

A letter is never taken out of its topic. Its message goes back with its own key, value and headers, and one
header more that counts; only when the broker has acknowledged it, a note is left beside the letter. A crash
in between leaves a letter without its note: it is put back once more, which consumers bear.
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
    Letter,
    Place,
    UnknownTopic,
    partitions,
    place_of,
    record_at,
    texts,
)
from messaging.errors import Poison
from messaging.message import OutgoingMessage, raw_headers

DELIVERY_SECONDS = 30.0
_NOTE_TYPE = "messaging.dead_letter.put_back.v1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter: `done`, and a sentence for whoever asked."""

    place: Place
    done: bool
    sentence: str


class _LeftOut(Exception):
    """This letter cannot be put back; the sentence says why."""


def put_back(
    consumer: Consumer, producer: Producer, topic: str, chosen: Iterable[Letter], now: Callable[[], datetime]
) -> Iterator[Outcome]:
    """Put the chosen letters back, one after the other, and say of each what became of it.

    Raises KafkaException when the topic itself cannot be read.
    """
    for place in sorted({letter.place for letter in chosen}):
        letter = record_at(consumer, topic, place)
        if letter is None:
            yield Outcome(place, False, "it has expired meanwhile")
            continue
        try:
            where = _put_back(consumer, producer, letter)
            _note(producer, topic, place, where, now())
        except _LeftOut as error:
            yield Outcome(place, False, str(error))
        else:
            about = texts(letter)
            name = f"{about.get('ce_id', '?')} ({about.get('ce_type', '?')})"
            yield Outcome(place, True, f"{name} is back in {where}")


def _put_back(consumer: Consumer, producer: Producer, letter: KafkaMessage) -> str:
    """Send the letter's message to its origin; where it is now, as TOPIC/PARTITION/OFFSET."""
    about = texts(letter)
    origin = about.get("dlq-topic", "")
    if not origin:
        raise _LeftOut("it does not say which topic it came from: no consumer of ours wrote it")
    try:
        partitions(consumer, origin)
    except UnknownTopic:
        # Asked first, since a broker may be set to create what somebody writes to.
        raise _LeftOut(f"its topic {origin} does not exist any more") from None
    whole = _whole(consumer, origin, letter, about)
    before = texts(whole).get(PUT_BACK_COUNT, "")
    count = int(before) if before.isdecimal() and len(before) < 10 else 0
    kept = [(name, raw) for name, raw in raw_headers(whole) if not name.startswith("dlq-")]
    headers: Headers = [*kept, (PUT_BACK_COUNT, str(count + 1).encode())]
    return _send(producer, origin, whole.key(), whole.value(), headers)


def _whole(consumer: Consumer, origin: str, letter: KafkaMessage, about: dict[str, str]) -> KafkaMessage:
    """The message itself: the letter, or what it stands for where it was too large to be kept here."""
    if OMITTED in about:
        place = Place.parse(f"{about['dlq-partition']}/{about['dlq-offset']}")
        found = record_at(consumer, origin, place)
        if found is None:
            raise _LeftOut(f"its value was left at {origin}/{place} and has expired there")
        letter = found
    try:
        if "dlq-unreadable-headers" in dict(raw_headers(letter)):
            raise _LeftOut("the name of one of its headers cannot be read: it would be refused again")
    except Poison:
        raise _LeftOut("the name of one of its headers cannot be read: it would be refused again") from None
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
    except _LeftOut as error:
        raise _LeftOut(f"it is back in {where}, but that could not be noted: {error}") from None


def _send(
    producer: Producer,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    partition: int | None = None,
) -> str:
    """Publish and wait for the broker's word; where the record is. Raises _LeftOut."""
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
        raise _LeftOut(f"{topic} does not take it: {error.args[0].str()}") from None
    producer.flush(DELIVERY_SECONDS)
    if not answers:
        raise _LeftOut(f"{topic} did not acknowledge it within {DELIVERY_SECONDS:g} s; put it back once more")
    answer = answers[0]
    if isinstance(answer, KafkaError):
        raise _LeftOut(f"{topic} does not take it: {answer.str()}")
    return f"{topic}/{place_of(answer)}"
