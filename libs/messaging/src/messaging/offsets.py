"""Offsets of one consumer: what passed, what the broker knows of it, and whether something was lost."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from messaging import metrics
from messaging.errors import Halted, Transient

log = structlog.stdlib.get_logger(__name__)

VERIFY_SECONDS = 60.0


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


def place_of(record: KafkaMessage) -> Place:
    """Return the partition that the record was read from."""
    topic, partition = record.topic(), record.partition()
    assert topic is not None and partition is not None
    return Place(topic, partition)


class Offsets:
    """Keeps the next offset of each assigned partition and commits what passed, one commit at a time."""

    def __init__(
        self,
        consumer: Consumer,
        group: str,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        exact_ends: bool = True,
    ) -> None:
        self.closed = False
        self._exact_ends = exact_ends
        self._monotonic = monotonic
        self._verified_at = monotonic()
        self._consumer = consumer
        self._group = group
        self._assigned: set[Place] = set()
        self._unverified: set[Place] = set()
        self._next: dict[Place, int] = {}
        self._to_commit: dict[Place, int] = {}
        self._in_flight = False

    def is_assigned(self, place: Place) -> bool:
        """Whether the partition is this consumer's now."""
        return place in self._assigned

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Partitions came."""
        places = {Place(partition.topic, partition.partition) for partition in partitions}
        self._assigned |= places
        self._unverified |= places

    def revoked(self, partitions: Iterable[TopicPartition]) -> None:
        """Partitions go in good order: tell the broker first how far they are."""
        places = {Place(partition.topic, partition.partition) for partition in partitions}
        passed = [TopicPartition(*place, self._to_commit[place]) for place in places & self._to_commit.keys()]
        if passed and not self.closed:
            try:
                self._consumer.commit(offsets=passed, asynchronous=False)
            except KafkaException as error:
                # The next owner repeats these messages, which repeats no effect.
                log.warning("offsets of revoked partitions were not committed", error=str(error))
        self._drop(places)

    def lost(self, partitions: Iterable[TopicPartition]) -> None:
        """Partitions are another's already: nothing may be committed for them."""
        self._drop({Place(partition.topic, partition.partition) for partition in partitions})

    def _drop(self, places: set[Place]) -> None:
        self._assigned -= places
        self._unverified -= places
        for place in places:
            self._next.pop(place, None)
            self._to_commit.pop(place, None)
            try:
                metrics.LAG.remove(self._group, place.topic, str(place.partition))
            except KeyError:
                continue

    def verify(self) -> None:
        """Compare the group's positions with what the log still holds: after an assignment, and when due.

        Raises Halted if messages were deleted before the group read them, Transient if Kafka does not say.
        """
        now = self._monotonic()
        if now - self._verified_at > VERIFY_SECONDS:
            # Whoever stands at the end of a partition that is cut off gets no message that would tell.
            self._unverified |= self._assigned
            self._verified_at = now
        if not self._unverified:
            return
        places = sorted(self._unverified)
        try:
            for place, position in self._positions(places).items():
                self._refuse_loss(place, position)
                self._next.setdefault(place, position)
        except KafkaException as error:
            raise Transient(f"the group's offsets cannot be read: {error}") from error
        self._unverified -= set(places)

    def _positions(self, places: Sequence[Place]) -> dict[Place, int]:
        """Where the group stands: by what was read here, else by what the broker has for the group."""
        positions = {place: self._next[place] for place in places if place in self._next}
        unknown = [TopicPartition(*place) for place in places if place not in positions]
        for partition in self._consumer.committed(unknown, timeout=10) if unknown else []:
            if partition.error is not None:
                raise KafkaException(partition.error)
            if partition.offset >= 0:
                positions[Place(partition.topic, partition.partition)] = partition.offset
        return positions

    def check_gaps(self, records: Sequence[KafkaMessage]) -> None:
        """Raise Halted if the log was cut off under the consumer while it was away or too slow."""
        expected = dict(self._next)
        for record in records:
            place, offset = place_of(record), record.offset()
            assert offset is not None
            # Compaction and transaction markers leave gaps too; only what the log says of itself is a loss.
            if offset != expected.get(place, offset):
                try:
                    self._refuse_loss(place, expected[place])
                except KafkaException as error:
                    raise Transient(f"the log's beginning cannot be read: {error}") from error
            expected[place] = offset + 1

    def _refuse_loss(self, place: Place, position: int) -> None:
        watermarks = self._consumer.get_watermark_offsets(TopicPartition(*place), timeout=10)
        if watermarks is None:
            raise Transient(f"Kafka does not say where {place.topic}/{place.partition} begins")
        low, high = watermarks
        where, group = f"{place.topic}/{place.partition}", self._group
        if low > position:
            raise Halted(
                f"{low - position} messages of {where} were deleted before the group {group} read them "
                f"(position {position}, log begins at {low}). Restore them from their source or accept the "
                "loss by setting the group's offset, then start the consumer again."
            )
        if high < position and self._exact_ends:
            raise Halted(
                f"{where} ends at {high}, before the position {position} of the group {group}: the topic was "
                "made anew or has lost its end, and what it holds now would be skipped. Set the group's "
                "offset to where it should go on, then start the consumer again."
            )

    def passed(self, records: Iterable[KafkaMessage]) -> None:
        """The records are done: their offsets may be committed."""
        for record in records:
            place, offset = place_of(record), record.offset()
            assert offset is not None
            following = max(offset + 1, self._next.get(place, 0))
            self._next[place] = following
            self._to_commit[place] = following

    def commit(self) -> None:
        """Send what passed, unless a commit is under way."""
        if self._in_flight or not self._to_commit:
            return
        offsets = [TopicPartition(*place, offset) for place, offset in self._to_commit.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as error:
            log.warning("offsets were not committed; they will be with the next", error=str(error))
            return
        self._in_flight = True

    def committed(self, error: KafkaError | None, partitions: Iterable[TopicPartition]) -> None:
        """The broker answered a commit."""
        self._in_flight = False
        if error is not None:
            log.warning("offsets were not committed; they will be with the next", error=error.str())
            return
        for partition in partitions:
            place = Place(partition.topic, partition.partition)
            if partition.error is None and self._to_commit.get(place) == partition.offset:
                del self._to_commit[place]

    def finish(self, seconds: float) -> None:
        """Wait at most `seconds` for the broker to have every offset that passed."""
        deadline = time.monotonic() + seconds
        try:
            self._consumer.pause(self._consumer.assignment())
            while self._to_commit and time.monotonic() < deadline:
                self.commit()
                self._consumer.poll(0.05)
        finally:
            self.closed = True

    def observe(self) -> None:
        """Set the lag of each partition from what the client has seen of the log's end."""
        for place in self._assigned:
            watermarks = self._consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            if watermarks is None or watermarks[1] < 0:
                continue
            position = self._next.get(place, watermarks[0])
            metrics.LAG.labels(self._group, place.topic, str(place.partition)).set(
                max(0, watermarks[1] - position)
            )
