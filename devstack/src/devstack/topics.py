"""The topics that the system needs: created on a development broker, checked on a real one."""

from datetime import timedelta

from messaging.operations.topics import TopicSpec, check_offsets, check_topics, create_topics
from messaging.settings import KafkaSettings
from schemas.topics import RETENTION_MS, TOPICS


def specs() -> list[TopicSpec]:
    """Every topic of schemas.topics as the admin functions take it."""
    return [TopicSpec(topic.name, topic.partitions, topic.config()) for topic in TOPICS.values()]


def create(settings: KafkaSettings, *, development: bool) -> list[str]:
    """Create what is missing and return the names; one replica in development, three in production."""
    replicas, in_sync = (1, 1) if development else (3, 2)
    return create_topics(settings, specs(), replication_factor=replicas, min_insync_replicas=in_sync)


def check(settings: KafkaSettings, *, development: bool) -> list[str]:
    """A sentence for each thing that is missing or could lose messages; empty is good."""
    return [
        *check_topics(settings, specs(), replicated=not development),
        *check_offsets(settings, longest_retention=timedelta(milliseconds=RETENTION_MS)),
    ]
