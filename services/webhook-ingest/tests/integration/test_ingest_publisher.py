"""The publisher where Kafka does not take what it gets."""

from __future__ import annotations

import asyncio
import time

import pytest

from messaging.settings import KafkaSettings
from webhook_ingest.clients.publisher import Publisher
from webhook_ingest.domain.accepting import Accepted
from webhook_ingest.errors import Unavailable

EVENT = Accepted("evt_1", "invoice.paid", "stripe.billing", "cus_1", 1_790_000_000, "", b"{}")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_full_queue_is_unavailable_at_once():
    publisher = Publisher(
        KafkaSettings(bootstrap_servers="127.0.0.1:1"),
        {"queue.buffering.max.messages": 1, "message.timeout.ms": 1000},
    )

    async def publish_two() -> list[object]:
        first = asyncio.create_task(publisher.publish(EVENT, TRACE))
        await asyncio.sleep(0)
        started = time.monotonic()
        second = await asyncio.gather(publisher.publish(EVENT, TRACE), return_exceptions=True)
        assert time.monotonic() - started < 0.5
        return [*second, *await asyncio.gather(first, return_exceptions=True)]

    second, first = asyncio.run(publish_two())
    assert isinstance(second, Unavailable)
    assert second.cause == "queue-full"
    assert isinstance(first, Unavailable)
    assert first.cause == "msg-timed-out"


@pytest.mark.kafka_protocol
def test_a_topic_that_does_not_exist_is_unavailable(kafka_bootstrap):
    publisher = Publisher(KafkaSettings(bootstrap_servers=kafka_bootstrap), {"message.timeout.ms": 2000})
    event = Accepted("evt_1", "x", "no.such.topic", None, 1, "", b"{}")
    with pytest.raises(Unavailable):
        asyncio.run(publisher.publish(event, TRACE))
