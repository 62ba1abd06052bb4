"""The bounds of partitions (first offset and end), as the brokers report them.

The Kafka client knows only the end that its last fetch returned. It is out of date while the partition is
paused, and unknown if nothing was fetched. So the leaders are asked, each separately: an unresponsive broker
affects only its own partitions.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException, TopicPartition

from messaging.runtime.partitions import Place
from messaging.settings import KafkaSettings

ANSWER_SECONDS = 2.0
"""How long one broker may take to answer."""
MISSING = "missing"
Answers = dict[Place, int | str]
"""An offset for each partition, or the reason why it is unknown."""


class Bounds(NamedTuple):
    """A partition's first offset, and the offset after its last message."""

    low: int
    high: int

    def waiting(self, position: int) -> int:
        """Return how many offsets exist from `position` on. A position before the log's first offset counts
        from there; an end before the position counts as 0.
        """
        return max(0, self.high - max(position, self.low))


@dataclass(frozen=True, slots=True)
class LogBounds:
    """The brokers' answers: the bounds of each partition, or the reason why they are unknown."""

    known: Mapping[Place, Bounds] = field(default_factory=dict)
    unreachable: Mapping[Place, str] = field(default_factory=dict)


def describe_problems(problems: Mapping[str, str], log: LogBounds) -> str | None:
    """Return the problem with the topics (from `LogReader.partitions`) or with their partitions."""
    missing = [topic for topic, problem in problems.items() if problem == MISSING]
    others = [f"{topic}: {problem}" for topic, problem in problems.items() if problem != MISSING]
    if missing:
        return f"topics are missing, create them: {', '.join(missing)}"
    if others:
        return "; ".join(others)
    if log.unreachable:
        return f"partitions cannot be read: {by_reason(log.unreachable)}"
    return None


def by_reason(reasons: Mapping[Place, str]) -> str:
    """Return every partition's name, and each reason once."""
    together: dict[str, list[str]] = defaultdict(list)
    for place, reason in sorted(reasons.items()):
        together[reason].append(str(place))
    return "; ".join(f"{', '.join(places)} ({reason})" for reason, places in together.items())


class LogReader:
    """Asks the brokers for the bounds of partitions, and for a group's committed offsets.

    Never joins a group. Belongs to one thread. `close()` ends its connections.
    """

    def __init__(self, kafka: KafkaSettings, group: str, client_id: str) -> None:
        self._consumer = Consumer(
            kafka.common(client_id)
            | {"group.id": group, "enable.auto.commit": False, "log_level": 0, "error_cb": _ignore}
            # So that the end is that of the messages which the consumer receives.
            | {"isolation.level": kafka.consumer_config.get("isolation.level", "read_committed")}
        )
        self._leaders: dict[Place, int] = {}

    def partitions(self, topics: Collection[str]) -> tuple[list[Place], dict[str, str]]:
        """Return the partitions of the topics, and a reason for each topic that cannot be used.

        Raises KafkaException when no broker answers.
        """
        known = self._consumer.list_topics(timeout=ANSWER_SECONDS).topics
        places: list[Place] = []
        problems: dict[str, str] = {}
        for topic in topics:
            if topic not in known:
                problems[topic] = MISSING
            elif (error := known[topic].error) is not None:
                problems[topic] = str(error)
            else:
                for number, partition in known[topic].partitions.items():
                    place = Place(topic, number)
                    self._leaders[place] = partition.leader
                    places.append(place)
        return places, problems

    def bounds(self, places: Iterable[Place]) -> LogBounds:
        """Query each partition's leader, as the last call of `partitions` found it, for the bounds."""
        by_leader: dict[int, list[Place]] = defaultdict(list)
        for place in places:
            by_leader[self._leaders.get(place, -1)].append(place)
        known: dict[Place, Bounds] = {}
        unreachable = dict.fromkeys(by_leader.pop(-1, ()), "the partition has no leader")
        for leader, theirs in by_leader.items():
            try:
                lows, highs = self._ask_leader(theirs)
            except KafkaException as error:
                reason = f"its leader, broker {leader}, does not answer: {error.args[0].str()}"
                unreachable |= dict.fromkeys(theirs, reason)
                continue
            for place in theirs:
                low, high = lows[place], highs[place]
                if isinstance(low, int) and isinstance(high, int):
                    known[place] = Bounds(low, high)
                else:
                    unreachable[place] = str(low if isinstance(low, str) else high)
        return LogBounds(known, unreachable)

    def committed(self, places: Collection[Place], seconds: float) -> dict[Place, int]:
        """Return the group's committed offset of each partition that has one. Raises KafkaException."""
        asked = [TopicPartition(*place) for place in places]
        offsets: dict[Place, int] = {}
        for answer in self._consumer.committed(asked, timeout=seconds) if asked else ():
            if answer.error is not None:
                raise KafkaException(answer.error)
            if answer.offset >= 0:
                offsets[Place(answer.topic, answer.partition)] = answer.offset
        return offsets

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()

    def _ask_leader(self, places: Sequence[Place]) -> tuple[Answers, Answers]:
        """Return the first offsets and the ends of partitions with one leader. Raises KafkaException."""
        try:
            return self._ask(places, OFFSET_BEGINNING), self._ask(places, OFFSET_END)
        except KafkaException as error:
            if len(places) == 1 or error.args[0].code() == KafkaError._TIMED_OUT:
                raise
        # The broker answered: it no longer leads one of the partitions, and the client failed all of them.
        lows, highs = Answers(), Answers()
        for place in places:
            try:
                lows |= self._ask([place], OFFSET_BEGINNING)
                highs |= self._ask([place], OFFSET_END)
            except KafkaException as error:
                lows[place] = highs[place] = error.args[0].str()
                if error.args[0].code() == KafkaError._TIMED_OUT:
                    raise
        return lows, highs

    def _ask(self, places: Iterable[Place], which: int) -> Answers:
        asked = [TopicPartition(*place, which) for place in places]
        answers = self._consumer.offsets_for_times(asked, timeout=ANSWER_SECONDS)
        return {
            Place(answer.topic, answer.partition): answer.offset
            if answer.error is None
            else answer.error.str()
            for answer in answers
        }


def _ignore(_error: object) -> None:
    # Every failure reaches the caller as an exception or as the reason of a partition.
    return
