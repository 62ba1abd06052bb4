"""Publishes messages that could not be handled, with their origin and the reason."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from messaging.producer import Record, deliver
from processkit.errors import Transient


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record as it was read, and why it could not be handled."""

    record: KafkaMessage
    reason: str
    detail: str
    attempts: int


class DeadLetterQueue:
    """Publishes to one dead-letter topic and waits for the delivery reports."""

    def __init__(
        self,
        create_producer: Callable[[], Producer],
        topic: str,
        group: str,
        *,
        delivery_seconds: float = 15.0,
    ) -> None:
        self.topic = topic
        self._create_producer = create_producer
        self._producer: Producer | None = None
        self._group = group
        self._delivery_seconds = delivery_seconds

    def publish(self, letters: Sequence[DeadLetter], now: datetime) -> None:
        """Return once the broker has stored them all. Otherwise raises Transient: commit no offsets then.

        After a failure the same dead letters are published again: one may be stored twice, but never be
        missing.
        """
        failures = self._deliver([self._whole(letter, now) for letter in letters])
        # A retry would not make the message smaller. Keep origin and reason; the value stays in its own
        # topic.
        oversize = [i for i, error in failures.items() if error.code() == KafkaError.MSG_SIZE_TOO_LARGE]
        if oversize and len(oversize) == len(failures):
            failures = self._deliver([self._without_value(letters[i], now) for i in oversize])
        if failures:
            self.close()
            raise Transient(
                f"dead letters were not accepted by {self.topic}: {next(iter(failures.values()))}"
            )

    def close(self) -> None:
        """Close the producer: after a fatal error it cannot be used again."""
        if self._producer is not None:
            with suppress(KafkaException):
                self._producer.purge()
                self._producer.flush(1.0)
            self._producer = None

    def _deliver(self, records: Sequence[Record]) -> dict[int, KafkaError]:
        if self._producer is None:
            self._producer = self._create_producer()
        return deliver(self._producer, records, self._delivery_seconds)

    def _whole(self, letter: DeadLetter, now: datetime) -> Record:
        headers = cast("list[tuple[str, str | bytes | None]]", letter.record.headers() or [])
        return Record(
            self.topic, letter.record.key(), letter.record.value(), [*headers, *self._headers(letter, now)]
        )

    def _without_value(self, letter: DeadLetter, now: datetime) -> Record:
        size = str(len(letter.record.value() or b"")).encode()
        return Record(self.topic, None, None, [*self._headers(letter, now), ("dlq-omitted-bytes", size)])

    def _headers(self, letter: DeadLetter, now: datetime) -> list[tuple[str, str | bytes | None]]:
        record = letter.record
        values = {
            "dlq-reason": letter.reason,
            "dlq-detail": letter.detail,
            "dlq-topic": record.topic() or "",
            "dlq-partition": str(record.partition()),
            "dlq-offset": str(record.offset()),
            "dlq-attempts": str(letter.attempts),
            "dlq-time": now.astimezone(UTC).isoformat(),
            "dlq-group": self._group,
        }
        return [(name, value.encode("utf-8", "replace")) for name, value in values.items()]
