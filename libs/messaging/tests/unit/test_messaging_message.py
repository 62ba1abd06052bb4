"""CloudEvents in Kafka's binary mode: messages are read as they were written, and garbage is poison."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from confluent_kafka import Message as KafkaMessage
from hypothesis import given
from hypothesis import strategies as st

from messaging.errors import Poison
from messaging.message import EPOCH, OutgoingMessage, decode_record

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
GOOD: dict[str, bytes | None] = {
    "ce_specversion": b"1.0",
    "ce_id": b"evt_1",
    "ce_source": b"stripe",
    "ce_type": b"refund.created",
    "ce_time": b"2026-11-23T10:00:00.250000Z",
    "content-type": b"application/json",
}


def kafka_record(
    headers: Any = None, *, key: bytes | None = b"k", value: bytes | None = b"{}"
) -> KafkaMessage:
    return KafkaMessage(
        topic="stripe.refunds",
        partition=3,
        offset=42,
        key=cast("Any", key),
        value=cast("Any", value),
        headers=list(GOOD.items()) if headers is None else headers,
    )


def changed(**changes: bytes | None) -> list[tuple[str, bytes | None]]:
    headers = GOOD | {name.replace("__", "-"): value for name, value in changes.items()}
    return list(headers.items())


def without(name: str) -> list[tuple[str, bytes | None]]:
    return [(header, value) for header, value in GOOD.items() if header != name]


def test_a_record_is_read_as_it_was_written() -> None:
    headers = [*GOOD.items(), ("traceparent", TRACEPARENT.encode()), ("stripe-api-version", b"2026-10-28")]
    message = decode_record(kafka_record(headers))
    assert (message.topic, message.partition, message.offset) == ("stripe.refunds", 3, 42)
    assert (message.key, message.value) == ("k", b"{}")
    assert (message.id, message.type, message.source) == ("evt_1", "refund.created", "stripe")
    assert message.time == datetime(2026, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)
    assert message.traceparent == TRACEPARENT
    assert message.headers["stripe-api-version"] == "2026-10-28"


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        (b"1970-01-01T00:00:00Z", 0),
        (b"1970-01-01T01:00:00.000001+01:00", 1),
        (b"2026-11-23T10:00:00.123456789Z", 1_795_428_000_123_456),
        (b"1969-12-31T23:59:59.999999Z", -1),
    ],
)
def test_created_is_exact_in_microseconds(text: bytes, microseconds: int) -> None:
    assert decode_record(kafka_record(changed(ce_time=text))).created == microseconds


def test_a_record_without_a_key_is_read() -> None:
    assert decode_record(kafka_record(key=None)).key is None


def test_an_invalid_traceparent_is_dropped_and_the_message_kept() -> None:
    # It would be copied to the outbox, where a NUL in it would make every insert fail.
    for text in (b"00-\x00", b"garbage", b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01"):
        message = decode_record(kafka_record([*GOOD.items(), ("traceparent", text)]))
        assert message.traceparent is None and message.id == "evt_1"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (kafka_record([]), "no-cloudevent"),
        *(
            (kafka_record(without(f"ce_{name}")), "no-cloudevent")
            for name in ("id", "type", "source", "time")
        ),
        (kafka_record(changed(ce_id=b"")), "no-cloudevent"),
        (kafka_record(changed(ce_id=None)), "no-cloudevent"),
        (kafka_record(changed(ce_id=b"a\x00b")), "no-cloudevent"),
        (kafka_record(changed(ce_id=b"a" * 256)), "no-cloudevent"),
        (kafka_record(changed(ce_type=b"")), "no-cloudevent"),
        (kafka_record(changed(ce_time=b"yesterday")), "no-cloudevent"),
        (kafka_record(changed(ce_time=b"2026-11-23T10:00:00")), "no-cloudevent"),
        (kafka_record(changed(ce_id=b"\xff\xfe")), "not-utf-8"),
        (kafka_record(changed(other=b"\xff\xfe")), "not-utf-8"),
        (kafka_record(key=b"\xff"), "not-utf-8"),
        (kafka_record(value=None), "no-value"),
    ],
)
def test_garbage_is_poison_with_a_reason(record: KafkaMessage, reason: str) -> None:
    with pytest.raises(Poison) as poison:
        decode_record(record)
    assert poison.value.reason == reason
    assert poison.value.detail


@given(
    st.lists(
        st.tuples(st.sampled_from([*GOOD, "x"]), st.one_of(st.none(), st.binary(max_size=40))), max_size=8
    ),
    st.one_of(st.none(), st.binary(max_size=10)),
    st.one_of(st.none(), st.binary(max_size=10)),
)
def test_garbage_raises_only_poison(
    headers: list[tuple[str, bytes | None]], key: bytes | None, value: bytes | None
) -> None:
    record = kafka_record([*GOOD.items(), *headers], key=key, value=value)
    try:
        message = decode_record(record)
    except Poison:
        return
    assert message.id and message.type and message.time.tzinfo is not None


class NullPointerRecord:
    """Behaves as confluent-kafka's record with a header whose name is not UTF-8.

    The first call raises; the second returns a list with a null pointer in it, which ends the process.
    """

    def __init__(self) -> None:
        self.replaced: list[tuple[str, bytes]] | None = None
        self.asked = False

    def headers(self) -> list[tuple[str, bytes]]:
        if self.replaced is not None:
            return self.replaced
        assert not self.asked, "the second call returns a null pointer: the process would be dead"
        self.asked = True
        raise SystemError("returned a result with an exception set")

    def set_headers(self, headers: list[tuple[str, bytes]]) -> None:
        self.replaced = headers


def test_headers_that_the_client_cannot_read_are_poison_every_time() -> None:
    record = NullPointerRecord()
    for _ in range(2):
        with pytest.raises(Poison) as poison:
            decode_record(cast("KafkaMessage", record))
        assert poison.value.reason == "not-utf-8"
    assert record.headers(), "the remaining headers can be read for the dead letter"


def outgoing(**changes: Any) -> OutgoingMessage:
    values: dict[str, Any] = {
        "topic": "parcels",
        "key": "p1",
        "id": "ev-1",
        "type": "parcel.moved.v1",
        "source": "warehouse",
        "time": datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=2))),
        "value": b"{}",
    }
    return OutgoingMessage(**(values | changes))


def test_outgoing_headers_are_cloudevents_in_binary_mode() -> None:
    headers = outgoing(traceparent=TRACEPARENT, headers={"extra": "é"}).kafka_headers()
    assert headers == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"ev-1"),
        ("ce_source", b"warehouse"),
        ("ce_type", b"parcel.moved.v1"),
        ("ce_time", b"2026-11-23T10:00:00Z"),
        ("content-type", b"application/json"),
        ("traceparent", TRACEPARENT.encode()),
        ("extra", "é".encode()),
    ]


def test_without_a_trace_there_is_no_traceparent() -> None:
    assert "traceparent" not in dict(outgoing().kafka_headers())


@given(
    st.text(min_size=1, max_size=50).filter(lambda text: "\x00" not in text),
    st.integers(0, 10**16).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds)),
    st.binary(max_size=50),
)
def test_a_written_message_can_be_read(text: str, time: datetime, value: bytes) -> None:
    sent = outgoing(id=text, key=text, type=text, source=text, time=time, value=value)
    headers = sent.kafka_headers()
    message = decode_record(kafka_record(headers, key=text.encode(), value=value))
    assert (message.id, message.type, message.source, message.key) == (text, text, text, text)
    assert (message.time, message.value) == (time, value)
