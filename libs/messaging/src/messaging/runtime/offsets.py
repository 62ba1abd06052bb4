"""Offsets of one consumer: which may be committed, which are committed, and whether messages were lost."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from messaging.errors import Halted
from messaging.runtime.log_bounds import Bounds
from messaging.runtime.log_observer import Snapshot
from messaging.runtime.partitions import Place, place_of, places_of
from processkit.errors import Transient
from processkit.metrics import FRESH_SECONDS

log = structlog.stdlib.get_logger(__name__)

COMMIT_SECONDS = 30.0
"""A commit without an answer for this long counts as lost, and the next one is sent."""


class Offsets:
    """Keeps the next offset of each assigned partition and commits handled offsets, one commit at a time.

    A partition is *held* until it is known that no message was deleted before the group read it: after its
    assignment, and where its messages skip offsets. Only the messages of held partitions wait.
    """

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
        self._consumer = consumer
        self._group = group
        self._assigned: set[Place] = set()
        self._held_since: dict[Place, float] = {}
        self._next: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._ends_allowed: dict[Place, int] = {}
        self._suspects: set[Place] = set()
        self._gaps_allowed: dict[Place, int] = {}
        self._to_commit: dict[Place, int] = {}
        self._commit_sent: float | None = None
        self._verified = Snapshot()

    @property
    def assigned_places(self) -> Collection[Place]:
        """Return the partitions that are assigned now."""
        return self._assigned

    @property
    def held(self) -> Collection[Place]:
        """Return the partitions whose messages must wait."""
        return self._held_since.keys()

    def is_assigned(self, place: Place) -> bool:
        """Return whether the partition is assigned now."""
        return place in self._assigned

    def positions(self) -> dict[Place, int]:
        """Return the next offset of each partition that has one. Thread-safe."""
        return dict(self._next)

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Handle assigned partitions."""
        places = places_of(partitions)
        self._assigned |= places
        self._held_since |= dict.fromkeys(places, self._monotonic())

    def revoked(self, partitions: Iterable[TopicPartition]) -> None:
        """Handle partitions that are about to be revoked: commit their offsets first."""
        places = places_of(partitions)
        passed = [TopicPartition(*place, self._to_commit[place]) for place in places & self._to_commit.keys()]
        if passed and not self.closed:
            try:
                self._consumer.commit(offsets=passed, asynchronous=False)
            except KafkaException as error:
                # The next owner handles these messages again, without repeating their effects.
                log.warning("offsets of revoked partitions were not committed", error=str(error))
        self._drop(places)

    def lost(self, partitions: Iterable[TopicPartition]) -> None:
        """Handle partitions that another member already owns: nothing may be committed for them."""
        self._drop(places_of(partitions))

    def _drop(self, places: set[Place]) -> None:
        self._assigned -= places
        for place in places:
            self._suspects.discard(place)
            for known in (
                self._held_since,
                self._next,
                self._ends,
                self._ends_allowed,
                self._gaps_allowed,
                self._to_commit,
            ):
                known.pop(place, None)

    def verify(self, snapshot: Snapshot) -> None:
        """Compare positions with the bounds of the log, and release held partitions that have lost nothing.

        Raises Halted when messages were deleted before the group read them, or when the log ends before its
        position; Transient when the group's offsets cannot be read.
        """
        if snapshot is not self._verified:
            self._verified = snapshot
            for place in self._next.keys() & snapshot.log.known.keys():
                bounds = snapshot.log.known[place]
                self._refuse_deleted(place, self._next[place], bounds)
                # The position may be newer than the bounds: compare the one from before the request.
                if place in snapshot.positions:
                    self._refuse_truncated(place, snapshot.positions[place], bounds)
        if not self._held_since:
            return
        answered = [
            place
            for place, since in self._held_since.items()
            if snapshot.asked_at >= since and place in snapshot.log.known
        ]
        self._read_committed([place for place in answered if place not in self._next])
        for place in answered:
            if place in self._next:
                self._refuse_deleted(place, self._next[place], snapshot.log.known[place])
                if self._refuse_truncated(place, self._next[place], snapshot.log.known[place]):
                    continue
            del self._held_since[place]

    def _read_committed(self, places: Sequence[Place]) -> None:
        """Read the group's offsets of partitions from which nothing was read here yet."""
        if not places:
            return
        try:
            answers = self._consumer.committed([TopicPartition(*place) for place in places], timeout=10)
            for partition in answers:
                if partition.error is not None:
                    raise KafkaException(partition.error)
                if partition.offset >= 0:
                    self._next[Place(partition.topic, partition.partition)] = partition.offset
        except KafkaException as error:
            raise Transient(f"the group's offsets cannot be read: {error}") from error

    def _refuse_deleted(self, place: Place, position: int, bounds: Bounds) -> None:
        if bounds.low > position:
            raise Halted(
                f"{bounds.low - position} messages of {place} were deleted before the group {self._group} "
                f"read them (position {position}, log begins at {bounds.low}). Restore them from their "
                "source or accept the loss by setting the group's offset, then start the consumer again."
            )

    def _refuse_truncated(self, place: Place, position: int, bounds: Bounds) -> bool:
        """Return whether the log may end before the position; hold the partition until a second answer
        confirms it.

        One answer may come from a broker that has not noticed yet that it no longer leads the partition.
        """
        if bounds.high >= position or not self._exact_ends:
            self._suspects.discard(place)
            return False
        if place in self._suspects:
            raise Halted(
                f"{place} ends at {bounds.high}, before the position {position} of the group {self._group}: "
                "the topic was created again or has lost its end, and its messages would be skipped. "
                "Set the group's offset to where it should continue, then start the consumer again."
            )
        self._suspects.add(place)
        self._held_since[place] = self._monotonic()
        return True

    def ready(self, records: Sequence[KafkaMessage]) -> list[KafkaMessage]:
        """Return the records that may be handled now, and hold the partitions of the others.

        A gap between offsets can mean that messages were deleted before they were read. Compaction and
        transaction markers leave gaps, too, so the first offset of the log decides. One answer is enough for
        all pending records: if the log begins before them now, it also did earlier.
        """
        if not records:
            return []
        ready: list[KafkaMessage] = []
        expected = dict(self._next)
        for record in records:
            place, offset = place_of(record), record.offset()
            assert offset is not None
            if place in self._held_since:
                continue
            if offset != expected.get(place, offset) and offset > self._gaps_allowed.get(place, -1):
                self._held_since[place] = self._monotonic()
                last = max(each.offset() or 0 for each in records if place_of(each) == place)
                self._gaps_allowed[place] = last
                continue
            expected[place] = offset + 1
            ready.append(record)
        return ready

    def passed(self, records: Iterable[KafkaMessage]) -> None:
        """Let the offsets of handled records be committed."""
        for record in records:
            place, offset = place_of(record), record.offset()
            assert offset is not None
            self._pass(place, offset + 1)

    def reached(self, place: Place, offset: int) -> None:
        """Handle that the client has reached the end of the partition, at `offset`."""
        if place in self._assigned:
            self._ends[place] = offset

    def fetched_again(self, place: Place) -> None:
        """Forget the reached end: the client fetches from the position again."""
        self._ends.pop(place, None)

    def settle(self, waiting: Collection[Place]) -> None:
        """Advance to the reached ends of partitions without pending messages.

        The end can be beyond the offset after the last message, if the log ends with transaction markers or
        with records that were compacted away: without this method the group would always have a lag. It can
        also be so because messages were deleted before they were fetched: so the partition is held until the
        log's first offset is known.
        """
        for place in self._ends.keys() - set(waiting) - self._held_since.keys():
            end, position = self._ends[place], self._next.get(place)
            if position is not None and end > position and end > self._ends_allowed.get(place, -1):
                self._held_since[place] = self._monotonic()
                self._ends_allowed[place] = end
                continue
            del self._ends[place]
            if end > (position or 0):
                self._pass(place, end)

    def _pass(self, place: Place, offset: int) -> None:
        following = max(offset, self._next.get(place, 0))
        self._next[place] = following
        self._to_commit[place] = following

    def commit(self) -> None:
        """Commit handled offsets, unless a commit is in flight."""
        now = self._monotonic()
        if self._commit_sent is not None and now - self._commit_sent < COMMIT_SECONDS:
            return
        if not self._to_commit:
            return
        offsets = [TopicPartition(*place, offset) for place, offset in self._to_commit.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as error:
            log.warning("offsets were not committed; the next commit includes them", error=str(error))
            return
        self._commit_sent = now

    def committed(self, error: KafkaError | None, partitions: Iterable[TopicPartition]) -> None:
        """Handle the broker's answer to a commit."""
        self._commit_sent = None
        if error is not None:
            log.warning("offsets were not committed; the next commit includes them", error=error.str())
            return
        for partition in partitions:
            place = Place(partition.topic, partition.partition)
            if partition.error is None and self._to_commit.get(place) == partition.offset:
                del self._to_commit[place]

    def finish(self, seconds: float) -> None:
        """Wait at most `seconds` until every handled offset is committed."""
        deadline = time.monotonic() + seconds
        try:
            self._consumer.pause(self._consumer.assignment())
            while self._to_commit and time.monotonic() < deadline:
                self.commit()
                self._consumer.poll(0.05)
        finally:
            self.closed = True

    def lag(self, snapshot: Snapshot) -> Mapping[Place, int]:
        """Return the lag of each assigned partition whose end is known, in messages. Thread-safe."""
        if self._monotonic() - snapshot.asked_at > FRESH_SECONDS:
            return {}
        known, positions = snapshot.log.known, self.positions()
        return {
            place: max(0, known[place].high - positions.get(place, known[place].low))
            for place in tuple(self._assigned)
            if place in known and (place in positions or place not in self._held_since)
        }
