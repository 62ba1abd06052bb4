"""Producers: idempotent, acknowledged by all in-sync replicas."""

from typing import Any

from confluent_kafka import Producer

from messaging.settings import KafkaSettings


def create_producer(settings: KafkaSettings, client_id: str, **overrides: Any) -> Producer:
    """Return an idempotent producer with acks=all. `overrides` are librdkafka settings in snake case."""
    config = settings.producer(client_id)
    config |= {name.replace("_", "."): value for name, value in overrides.items()}
    return Producer(config)
