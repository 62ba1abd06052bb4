"""Reads the offsets of a consumer group, and sets them while the group has no members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from messaging.deadletters.reading import READ_SECONDS
from messaging.errors import Refused

EARLIEST, LATEST = "earliest", "latest"
Target = int | datetime | str
"""An offset, a time (the first message at or after it), `earliest` or `latest`."""


@dataclass(frozen=True, slots=True, order=True)
class GroupPosition:
    """A group in a partition: the next `offset` it reads (None: none committed), and the log's first and
    end offset."""

    topic: str
    partition: int
    offset: int | None
    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True)
class Move:
    """The effect of setting an offset."""

    position: GroupPosition
    to: int

    def __str__(self) -> str:
        here, at = self.position, self.position.offset
        if at is None:
            return f"{here}: none yet -> {self.to}"
        effect = f"reads {at - self.to} again" if self.to <= at else f"SKIPS {self.to - at}"
        return f"{here}: {at} -> {self.to}, {effect}"


class Group:
    """One consumer group. Every call may raise KafkaException."""

    def __init__(self, admin: AdminClient, consumer: Consumer, name: str) -> None:
        self._admin = admin
        self._consumer = consumer
        self._name = name

    def positions(self) -> list[GroupPosition]:
        """Return every partition in which the group has an offset. Raises Refused if it has none."""
        asked = [ConsumerGroupTopicPartitions(self._name)]
        answer = self._admin.list_consumer_group_offsets(asked, request_timeout=READ_SECONDS)
        found = answer[self._name].result().topic_partitions
        if not found:
            listed = self._admin.list_consumer_groups(request_timeout=READ_SECONDS).result()
            names = ", ".join(sorted(group.group_id for group in listed.valid)) or "none"
            raise Refused(f"The group {self._name} has no offsets. Groups here: {names}.")
        return sorted(self._position(each) for each in found)

    def plan(self, names: Sequence[str], target: Target) -> list[Move]:
        """Return what would change, for names as TOPIC or TOPIC/PARTITION; all without names. Raises
        Refused."""
        here = self.positions()
        chosen = _chosen(here, names) if names else here
        if isinstance(target, int) and len(chosen) > 1:
            raise Refused("An offset belongs to one partition: name it as TOPIC/PARTITION.")
        return [Move(each, self._resolve(each, target)) for each in chosen]

    def members(self) -> list[str]:
        """Return the members of the group, as CLIENT at HOST."""
        described = self._admin.describe_consumer_groups([self._name], request_timeout=READ_SECONDS)
        group = described[self._name].result()
        named = [f"{each.client_id} at {each.host}" for each in group.members]
        idle = group.state in (ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD)
        return named or ([] if idle else ["a member that is joining or leaving"])

    def move(self, moves: Iterable[Move]) -> None:
        """Set the offsets. Raises Refused while the group has members; the broker also refuses then."""
        if there := self.members():
            raise Refused(
                f"The group {self._name} has members: {', '.join(there)}. Stop every consumer of the group "
                "first, including healthy ones. A killed consumer stays a member for 45 s by default."
            )
        places = [TopicPartition(each.position.topic, each.position.partition, each.to) for each in moves]
        wanted = [ConsumerGroupTopicPartitions(self._name, places)]
        answer = self._admin.alter_consumer_group_offsets(wanted, request_timeout=READ_SECONDS)
        for place in answer[self._name].result().topic_partitions:
            if place.error is not None:
                raise KafkaException(place.error)

    def _position(self, place: TopicPartition) -> GroupPosition:
        low, high = self._consumer.get_watermark_offsets(place, timeout=READ_SECONDS)
        return GroupPosition(
            place.topic, place.partition, place.offset if place.offset >= 0 else None, low, high
        )

    def _resolve(self, here: GroupPosition, target: Target) -> int:
        if isinstance(target, datetime):
            asked = [TopicPartition(here.topic, here.partition, int(target.timestamp() * 1000))]
            (found,) = self._consumer.offsets_for_times(asked, timeout=READ_SECONDS)
            return found.offset if found.offset >= 0 else here.high
        if isinstance(target, str):
            return here.low if target == EARLIEST else here.high
        if not here.low <= target <= here.high:
            raise Refused(f"{here} holds {here.low} to {here.high}: the offset {target} is outside.")
        return target


def _chosen(here: list[GroupPosition], names: Sequence[str]) -> list[GroupPosition]:
    chosen: dict[GroupPosition, None] = {}
    for name in names:
        found = [each for each in here if name in (each.topic, str(each))]
        if not found:
            topics = ", ".join(sorted({each.topic for each in here}))
            raise Refused(
                f"The group has no offset in {name}. It reads {topics}; write TOPIC or TOPIC/PARTITION."
            )
        chosen |= dict.fromkeys(found)
    return list(chosen)
