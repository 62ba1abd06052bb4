"""One consumer client, from joining its group to leaving it: its messages and its offsets."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from messaging.errors import Halted
from messaging.runtime.fetching import Fetching
from messaging.runtime.log_observer import LogObserver
from messaging.runtime.offsets import Offsets
from messaging.runtime.partitions import Place, place_of, places_of
from processkit.errors import ConfigurationError

log = structlog.stdlib.get_logger(__name__)

IDLE_SECONDS = 0.5
# A held partition is released by a broker's answer, which does not end a poll.
HELD_SECONDS = 0.05
MAX_BATCH_BYTES = 16 * 1024 * 1024
LEAVE_SECONDS = 1.0
"""How long to wait for the revocation of all partitions. It needs no answer of a broker."""


class Member:
    """Belongs to one thread, which also runs the client's callbacks: inside poll, consume and close.

    `pending` holds the messages that were fetched and not yet handled; a rebalance removes those of revoked
    partitions. `failed` is called with each error that the client reports about brokers and topics.

    Raises ConfigurationError when the client refuses its settings.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        group: str,
        observer: LogObserver,
        failed: Callable[[KafkaError], None],
        *,
        exact_ends: bool,
    ) -> None:
        self._group = group
        self._observer = observer
        self._failed = failed
        self.pending: list[KafkaMessage] = []
        try:
            self._consumer = Consumer(
                {
                    **config,
                    # An event at each end gives the position where no message is left.
                    "enable.partition.eof": True,
                    "error_cb": self._on_error,
                    "on_commit": self._on_commit,
                }
            )
        except KafkaException as error:
            raise ConfigurationError(
                f"The Kafka client refuses its settings: {error.args[0].str()}. "
                "Correct KAFKA_CONSUMER_CONFIG or the KAFKA_ variable that it names."
            ) from error
        self.offsets = Offsets(self._consumer, group, exact_ends=exact_ends)
        self._fetching = Fetching(self._consumer)

    def join(self, topics: Sequence[str]) -> None:
        """Subscribe. Partitions are assigned while messages are gathered."""
        self._consumer.subscribe(
            list(topics), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def gather(self, most: int, seconds: float) -> int:
        """Wait for a message, then take those that follow within `seconds`, up to `most` messages.

        Returns the bytes taken, at least one per message; 0 if there was no message.
        """
        self._fetching.pause_only(self.offsets.held)
        first = self._consumer.poll(HELD_SECONDS if self.offsets.held else IDLE_SECONDS)
        if first is None:
            return 0
        records = self._messages([first])
        size = sum(len(record) for record in records)
        deadline = time.monotonic() + seconds
        while len(records) < most and size < MAX_BATCH_BYTES:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            more = self._consumer.consume(min(250, most - len(records)), timeout=left)
            if not more:
                break
            more = self._messages(more)
            size += sum(len(record) for record in more)
            records.extend(more)
        self._keep(records)
        return max(size, len(records))

    def poll_paused(self, seconds: float) -> None:
        """Poll for at most `seconds` with all partitions paused, so that the group keeps this member."""
        self._fetching.pause_all()
        record = self._consumer.poll(seconds)
        if record is not None:
            # From a partition that was just assigned: the message waits with the others.
            self._keep(self._messages([record]))

    def ready(self) -> list[KafkaMessage]:
        """Return the pending messages that may be handled now."""
        held = len(self.offsets.held)
        ready = self.offsets.ready(self.pending)
        self._ask_if_more_than(held)
        return ready

    def handled(self, records: Sequence[KafkaMessage]) -> None:
        """Remove handled messages from `pending` and let their offsets be committed."""
        self.offsets.passed(records)
        if len(records) == len(self.pending):
            self.pending = []
        else:
            done = {id(record) for record in records}
            self.pending = [record for record in self.pending if id(record) not in done]

    def turn(self) -> None:
        """Do the work of each turn of the loop: advance over reached ends, and commit."""
        held = len(self.offsets.held)
        self.offsets.settle({place_of(record) for record in self.pending})
        self._ask_if_more_than(held)
        self.offsets.commit()

    def verify(self) -> None:
        """Compare the positions with the brokers' last answer. Raises Halted, Transient."""
        held = len(self.offsets.held)
        self.offsets.verify(self._observer.snapshot())
        self._ask_if_more_than(held)

    def _ask_if_more_than(self, held: int) -> None:
        if len(self.offsets.held) > held:
            self._observer.ask_now()

    def seek(self, place: Place) -> None:
        """Fetch the partition again from its position, as if it had just been assigned."""
        if place in self.offsets.held or any(place_of(record) == place for record in self.pending):
            # Its messages are already here: they do not wait for the client.
            return
        # Without a position the group is new, and the consumer starts at the log's first offset.
        position = self.offsets.positions().get(place, OFFSET_BEGINNING)
        try:
            self._consumer.seek(TopicPartition(*place, position))
        except KafkaException as error:
            log.warning("a stalled partition cannot be fetched again", partition=str(place), error=str(error))
            return
        self.offsets.fetched_again(place)
        self._fetching.forget(place)

    def lag(self) -> dict[tuple[str, ...], float]:
        """Return the lag of each assigned partition by group, topic and partition. Thread-safe."""
        lag = self.offsets.lag(self._observer.last)
        return {(self._group, place.topic, str(place.partition)): each for place, each in lag.items()}

    def close(self, seconds: float) -> None:
        """Leave the group, after waiting at most `seconds` for the commit of handled offsets."""
        if self.offsets.closed:
            return
        try:
            self.offsets.finish(seconds)
        except (Halted, KafkaException) as error:
            # A fatal error of the client: messages with uncommitted offsets are repeated.
            log.warning("offsets may not be committed", group=self._group, error=str(error))
        self._leave()
        self._consumer.close()

    def _leave(self) -> None:
        """Leave the group, and wait until no partition is assigned and no rebalance is pending.

        A rebalance callback during the client's `close` can wait forever for an answer of a thread that has
        ended, and it does so without releasing Python's lock: the whole process would stand still, health
        checks included. See https://github.com/confluentinc/librdkafka/issues/4041 and .../4527.
        """
        deadline = time.monotonic() + LEAVE_SECONDS
        try:
            self._consumer.unsubscribe()
            while time.monotonic() < deadline:
                if self._consumer.poll(0.05) is None and not self.offsets.assigned_places:
                    return
        except (Halted, KafkaException) as error:
            log.warning("the consumer may leave its group late", group=self._group, error=str(error))

    def _keep(self, records: Sequence[KafkaMessage]) -> None:
        # A rebalance may have happened between two of them.
        self.pending.extend(record for record in records if self.offsets.is_assigned(place_of(record)))

    def _messages(self, records: Sequence[KafkaMessage]) -> list[KafkaMessage]:
        """Process the client's events and return the messages. Raises Halted on a fatal error."""
        messages = []
        for record in records:
            error = record.error()
            if error is None:
                messages.append(record)
            elif error.code() == KafkaError._PARTITION_EOF:
                self.offsets.reached(place_of(record), record.offset() or 0)
            else:
                self._on_error(error)
        return messages

    def _watch(self) -> None:
        self._observer.watch(self.offsets.assigned_places, self.offsets.positions)

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.offsets.assigned(partitions)
        self._fetching.assigned(places_of(partitions))
        self._watch()
        log.info("assigned", group=self._group, partitions=_names(partitions))

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.offsets.revoked(partitions)
        self._forget(partitions)

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.offsets.lost(partitions)
        self._forget(partitions)

    def _forget(self, partitions: list[TopicPartition]) -> None:
        gone = places_of(partitions)
        self._fetching.removed(gone)
        self.pending = [record for record in self.pending if place_of(record) not in gone]
        self._watch()
        log.info("revoked", group=self._group, partitions=_names(partitions))

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self.offsets.committed(error, partitions)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            raise Halted(f"the Kafka client gave up: {error.str()}")
        self._failed(error)
        log.warning("kafka", group=self._group, error=error.str(), code=error.name())


def _names(partitions: Sequence[TopicPartition]) -> list[str]:
    return [f"{partition.topic}/{partition.partition}" for partition in partitions]
