"""Partitions of topics."""

from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import Message as KafkaMessage
from confluent_kafka import TopicPartition


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


def place_of(record: KafkaMessage) -> Place:
    """Return the partition that the record was read from."""
    topic, partition = record.topic(), record.partition()
    assert topic is not None and partition is not None
    return Place(topic, partition)


def places_of(partitions: Iterable[TopicPartition]) -> set[Place]:
    """Convert the client's partitions."""
    return {Place(partition.topic, partition.partition) for partition in partitions}
