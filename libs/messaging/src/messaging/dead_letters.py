"""Dead letters: what could not be handled, kept with its origin and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from messaging.errors import Transient


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record as it came, and why it ends here."""

    record: KafkaMessage
    reason: str
    detail: str
    attempts: int


class DeadLetterQueue:
    """Publishes to one dead-letter topic and waits for the delivery reports."""

    def __init__(self, producer: Producer, topic: str, group: str, *, delivery_seconds: float = 15.0) -> None:
        self.topic = topic
        self._producer = producer
        self._group = group
        self._delivery_seconds = delivery_seconds

    def publish(self, letters: Sequence[DeadLetter], now: datetime) -> None:
        """Return once the broker has them all. Raises Transient otherwise; the offsets must then stay."""
        failures: list[KafkaError] = []
        pending = len(letters)

        def delivered(error: KafkaError | None, _message: KafkaMessage) -> None:
            nonlocal pending
            pending -= 1
            if error is not None:
                failures.append(error)

        for letter in letters:
            try:
                self._producer.produce(
                    self.topic,
                    key=letter.record.key(),
                    value=letter.record.value(),
                    headers=[*(letter.record.headers() or ()), *self._headers(letter, now)],
                    on_delivery=delivered,
                )
            except (BufferError, KafkaException) as error:
                raise Transient(f"a dead letter cannot be queued: {error}") from error
        self._producer.flush(self._delivery_seconds)
        if pending or failures:
            self._producer.purge()
            self._producer.flush(1.0)
            why = failures[0] if failures else "no acknowledgement in time"
            raise Transient(f"dead letters were not accepted by {self.topic}: {why}")

    def _headers(self, letter: DeadLetter, now: datetime) -> list[tuple[str, bytes]]:
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
