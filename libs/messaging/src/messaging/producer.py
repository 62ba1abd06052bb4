"""Producers: idempotent, acknowledged by all in-sync replicas."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from messaging.settings import KafkaSettings


class Record(NamedTuple):
    """A record to publish."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, str | bytes | None]]


def create_producer(settings: KafkaSettings, client_id: str, **overrides: Any) -> Producer:
    """Return an idempotent producer with acks=all. `overrides` are librdkafka settings in snake case."""
    config = settings.producer(client_id)
    config |= {name.replace("_", "."): value for name, value in overrides.items()}
    return Producer(config)


def deliver(
    producer: Producer, records: Sequence[Record], seconds: float, *, in_order: bool = False
) -> dict[int, KafkaError]:
    """Publish the records, wait for their delivery reports, and return the errors by index.

    A record without a report after `seconds` has timed out. With `in_order`, no record is published after
    one that the producer does not take.
    """
    reports: dict[int, KafkaError | None] = {}

    def report(index: int) -> Callable[[KafkaError | None, KafkaMessage], None]:
        def delivered(error: KafkaError | None, _message: KafkaMessage) -> None:
            reports[index] = error

        return delivered

    for index, record in enumerate(records):
        try:
            producer.produce(
                record.topic,
                key=record.key,
                value=record.value,
                headers=record.headers,
                on_delivery=report(index),
            )
        except (BufferError, KafkaException) as error:
            queue_full = isinstance(error, BufferError)
            reports[index] = KafkaError(KafkaError._QUEUE_FULL) if queue_full else error.args[0]
            if in_order:
                break
    producer.flush(seconds)
    in_time = KafkaError(KafkaError._MSG_TIMED_OUT)
    answers = ((index, reports.get(index, in_time)) for index in range(len(records)))
    return {index: error for index, error in answers if error is not None}
