"""Creates the topics that the system needs, or checks those that exist."""

from datetime import timedelta

from messaging.operations.topics import TopicSpec, check_offsets, check_topics, create_topics
from messaging.settings import KafkaSettings
from schemas.topics import RETENTION_MS, TOPICS


def specs() -> list[TopicSpec]:
    """Return every topic of schemas.topics in the form that the admin functions take."""
    return [TopicSpec(topic.name, topic.partitions, topic.config()) for topic in TOPICS.values()]


def create(settings: KafkaSettings, *, development: bool) -> list[str]:
    """Create missing topics and return their names: one replica in development, three in production."""
    replicas, in_sync = (1, 1) if development else (3, 2)
    return create_topics(settings, specs(), replication_factor=replicas, min_insync_replicas=in_sync)


def check(settings: KafkaSettings, *, development: bool) -> list[str]:
    """Return a sentence for each topic that is missing, and for each setting that could lose messages."""
    return [
        *check_topics(settings, specs(), replicated=not development),
        *check_offsets(settings, longest_retention=timedelta(milliseconds=RETENTION_MS)),
    ]
