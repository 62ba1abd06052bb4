"""Is Kafka there? Asked by a thread every few seconds, so that /health/ready answers from memory."""

from __future__ import annotations

import threading

from confluent_kafka import KafkaException

from processkit.health import RENEW_SECONDS, Health
from schemas.topics import TOPICS
from webhook_ingest.clients.publisher import Publisher

_SECONDS = 3.0
_TIMEOUT_SECONDS = 2.0


class ProducerFatalError(Exception):
    """The producer can never publish again: the process must be started afresh."""


class KafkaProbe:
    """Keeps the component `kafka` up to date: up while the brokers answer and every Stripe topic exists."""

    def __init__(self, publisher: Publisher, health: Health) -> None:
        self._publisher = publisher
        self._component = health.component("kafka", RENEW_SECONDS)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. Raises ProducerFatalError."""
        while not stop.is_set():
            self._probe()
            if self._publisher.fatal_error:
                raise ProducerFatalError(self._publisher.fatal_error)
            stop.wait(_SECONDS)

    def _probe(self) -> None:
        try:
            existing = self._publisher.producer.list_topics(timeout=_TIMEOUT_SECONDS).topics
        except KafkaException as error:
            self._component.down(f"the brokers do not answer: {error.args[0].str()}")
            return
        ours = [topic.name for topic in TOPICS.values() if "webhook-ingest" in topic.producers]
        missing = [name for name in ours if name not in existing]
        if missing:
            self._component.down(f"topics are missing, create them: {', '.join(missing)}")
        else:
            self._component.up()
