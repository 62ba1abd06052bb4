"""Is Kafka there? Asked by a thread every few seconds, so that /health/ready answers from memory."""

from __future__ import annotations

import threading

from confluent_kafka import KafkaException

from processkit.errors import Transient
from processkit.health import RENEW_SECONDS, Health
from processkit.loop import Loop
from schemas.topics import TOPICS
from webhook_ingest.clients.publisher import Publisher
from webhook_ingest.errors import ProducerFatalError

_SECONDS = 3.0
_TIMEOUT_SECONDS = 2.0


class KafkaProbe:
    """Keeps the component `kafka` up to date: up while the brokers answer and every Stripe topic exists."""

    def __init__(self, publisher: Publisher, health: Health) -> None:
        self._publisher = publisher
        self._loop = Loop(
            component=health.component("kafka", RENEW_SECONDS),
            turn=self._turn,
            idle_seconds=_SECONDS,
            longest_pause_seconds=_SECONDS,
        )

    def run(self, stop: threading.Event) -> None:
        """Probe until `stop` is set. Raises ProducerFatalError."""
        self._loop.run(stop)

    def _turn(self) -> bool:
        if self._publisher.fatal_error:
            raise ProducerFatalError(self._publisher.fatal_error)
        self._probe()
        return False

    def _probe(self) -> None:
        try:
            existing = self._publisher.producer.list_topics(timeout=_TIMEOUT_SECONDS).topics
        except KafkaException as error:
            raise Transient(f"the brokers do not answer: {error.args[0].str()}") from error
        ours = [topic.name for topic in TOPICS.values() if "webhook-ingest" in topic.producers]
        missing = [name for name in ours if name not in existing]
        if missing:
            raise Transient(f"topics are missing, create them: {', '.join(missing)}")
