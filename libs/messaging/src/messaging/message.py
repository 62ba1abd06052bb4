"""CloudEvents in Kafka's binary mode: messages read and messages to publish."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import methodcaller
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, cast

from msgspec import Struct

from messaging.errors import Poison
from processkit.tracing import valid_traceparent

if TYPE_CHECKING:
    from confluent_kafka import Message as KafkaMessage

SPEC_VERSION = "1.0"
_UNREADABLE = "dlq-unreadable-headers"
# Not record.headers(): CPython's specialised call does not notice that the client returned a list and also
# set an exception. The list would be used, and the exception would surface later, somewhere else.
_headers_of = methodcaller("headers")


class Message(Struct, frozen=True, gc=False):
    """A message that was read from the log."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes
    id: str
    type: str
    source: str
    time: datetime
    traceparent: str | None = None
    headers: Mapping[str, str] = {}

    @property
    def created(self) -> int:
        """Return `time` in microseconds since the epoch, exactly."""
        delta = self.time - EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Body(Protocol):
    """The body of a message whose contract names its topic and type."""

    TOPIC: ClassVar[str]
    TYPE: ClassVar[str]

    def key(self) -> str: ...
    def to_json(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to publish. `time` is aware, `value` is the JSON body."""

    topic: str
    key: str
    id: str
    type: str
    source: str
    time: datetime
    value: bytes
    traceparent: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Body, *, id: str, source: str, time: datetime, traceparent: str | None = None) -> Self:
        """Return the message that carries the body on its own topic, under its own key."""
        return cls(body.TOPIC, body.key(), id, body.TYPE, source, time, body.to_json(), traceparent)

    def kafka_headers(self) -> list[tuple[str, str | bytes | None]]:
        """Return the CloudEvents headers in the order of the specification, then the message's own."""
        result: list[tuple[str, str | bytes | None]] = [
            ("ce_specversion", SPEC_VERSION.encode()),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("ce_time", self.time.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()),
            ("content-type", b"application/json"),
        ]
        if self.traceparent is not None:
            result.append(("traceparent", self.traceparent.encode()))
        result.extend((name, value.encode()) for name, value in self.headers.items())
        return result


def decode_record(record: "KafkaMessage") -> Message:
    """Read a Kafka record as a CloudEvent.

    Raises Poison when a required attribute is missing or unreadable: our producers never write such a record,
    so it becomes a dead letter for an operator and nothing is guessed.
    """
    headers: dict[str, str] = {}
    try:
        for name, raw in raw_headers(record):
            headers[name] = raw.decode() if raw is not None else ""
        key = record.key()
        text_key = key.decode() if key is not None else None
    except UnicodeDecodeError as error:
        raise Poison("not-utf-8", f"A header or the key is not UTF-8: {error}") from None
    value = record.value()
    if value is None:
        raise Poison("no-value", "The record has no value.")
    try:
        event_id, event_type, source = headers["ce_id"], headers["ce_type"], headers["ce_source"]
        time = datetime.fromisoformat(headers["ce_time"])
    except KeyError as error:
        raise Poison("no-cloudevent", f"The header {error.args[0]} is missing.") from None
    except ValueError:
        raise Poison("no-cloudevent", "The header ce_time is not an RFC 3339 time.") from None
    if time.tzinfo is None:
        raise Poison("no-cloudevent", "The header ce_time has no time zone.")
    if not event_id or not event_type or "\x00" in event_id or len(event_id) > 255:
        raise Poison("no-cloudevent", "ce_id and ce_type must not be empty; ce_id is at most 255 long.")
    topic, partition, offset = record.topic(), record.partition(), record.offset()
    assert topic is not None and partition is not None and offset is not None
    return Message(
        topic=topic,
        partition=partition,
        offset=offset,
        key=text_key,
        value=value,
        id=event_id,
        type=event_type,
        source=source,
        time=time,
        traceparent=valid_traceparent(headers.get("traceparent")),
        headers=headers,
    )


def raw_headers(record: "KafkaMessage") -> "list[tuple[str, bytes | None]]":
    """Return the record's headers. Raises Poison when the name of one cannot be read."""
    try:
        raw = cast("list[tuple[str, bytes | None]]", _headers_of(record) or [])
    except SystemError:
        # confluent-kafka raises this for a header whose name is not UTF-8, and on the next call returns the
        # incomplete list with a null pointer in it. The headers are replaced, so that no later call does.
        raw = [(_UNREADABLE, b"1")]
        record.set_headers([(_UNREADABLE, b"1")])
    if raw == [(_UNREADABLE, b"1")]:
        raise Poison("not-utf-8", "The name of a header is not UTF-8; the original record has the headers.")
    return raw
