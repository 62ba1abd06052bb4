"""Publishing to Kafka from the event loop: a coroutine that returns once the brokers have the event.

librdkafka reports deliveries only while it is polled. A thread that polls hands each report to the loop and
fights it for the GIL; here the loop itself polls, by a timer that runs only while something is in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from messaging.settings import KafkaSettings
from webhook_ingest import metrics
from webhook_ingest.domain.accepting import Accepted, ce_time
from webhook_ingest.errors import Unavailable

POLL_SECONDS = 0.001
LINGER_MS = 5
MESSAGE_TIMEOUT_MS = 8_000
"""librdkafka looks for expired messages once per second: after 9 s at the latest an answer is certain."""

_QUEUE_MESSAGES = 10_000
_QUEUE_KBYTES = 128 * 1024
_LOG = structlog.get_logger(__name__)
_STATIC = [
    ("ce_specversion", b"1.0"),
    ("ce_source", b"stripe"),
    ("content-type", b"application/json"),
]


class Publisher:
    """One idempotent producer (acks=all). `publish` belongs to the event loop, `fatal_error` to anyone.

    `overrides` are settings of librdkafka.
    """

    def __init__(self, kafka: KafkaSettings, overrides: Mapping[str, Any] | None = None) -> None:
        settings = {
            "linger.ms": LINGER_MS,
            "message.timeout.ms": MESSAGE_TIMEOUT_MS,
            "queue.buffering.max.messages": _QUEUE_MESSAGES,
            "queue.buffering.max.kbytes": _QUEUE_KBYTES,
            "error_cb": self._on_error,
        }
        self._producer = Producer(kafka.producer("webhook-ingest") | settings | dict(overrides or {}))
        self._in_flight = 0
        self._polling = False
        self._accepted: dict[str, Any] = {}
        self.fatal_error: str | None = None

    @property
    def producer(self) -> Producer:
        """The producer, for probes of the brokers."""
        return self._producer

    async def publish(self, event: Accepted, traceparent: str) -> None:
        """Returns once Kafka has acknowledged the event. Raises Unavailable when it does not take it."""
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        reported: asyncio.Future[KafkaError | None] = loop.create_future()

        def on_delivery(error: KafkaError | None, _message: object) -> None:
            self._in_flight -= 1
            if not reported.done():  # the request may have been cancelled meanwhile
                reported.set_result(error)

        try:
            self._producer.produce(
                event.topic,
                event.value,
                event.key,
                on_delivery=on_delivery,
                headers=[
                    *_STATIC,
                    ("ce_id", event.id),
                    ("ce_type", event.type),
                    ("ce_time", ce_time(event.created)),
                    ("traceparent", traceparent),
                    ("stripe-api-version", event.api_version),
                ],
            )
        except BufferError:
            raise Unavailable("queue-full") from None
        except KafkaException as error:
            raise Unavailable(_cause(error.args[0])) from error
        self._in_flight += 1
        if not self._polling:
            self._polling = True
            loop.call_later(POLL_SECONDS, self._poll, loop)
        failed = await reported
        if failed is not None:
            raise Unavailable(_cause(failed))
        metrics.PUBLISH_SECONDS.observe(time.perf_counter() - started)

    def close(self, timeout: float = 1.0) -> None:
        """Waits `timeout` seconds for what is in flight, then gives it up: no sender was told otherwise."""
        left = self._producer.flush(timeout)
        if left:
            _LOG.warning("stopped with events unacknowledged; Stripe sends them again", events=left)

    def _poll(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._producer.poll(0)
        finally:  # whatever a callback raised: without the next poll no request would ever end
            self._polling = self._in_flight > 0
            if self._polling:
                loop.call_later(POLL_SECONDS, self._poll, loop)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self.fatal_error = error.str()
        _LOG.warning("kafka", error=error.str(), code=error.name(), fatal=error.fatal())


def _cause(error: KafkaError) -> str:
    return error.name().lstrip("_").lower().replace("_", "-")
