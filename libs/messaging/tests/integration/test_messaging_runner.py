"""The runner without faults, on a real broker and a real database."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from messaging_effects import committed, everything, publish, until
from messaging_parcels import chains, message, scrambled
from messaging_workers import Service

from messaging.message import decode_record
from messaging.settings import MAX_DEAD_LETTER_BYTES, MAX_MESSAGE_BYTES
from processkit.tracing import trace_id

pytestmark = pytest.mark.kafka_protocol


def test_shuffled_and_repeated_messages_give_the_same_state(service) -> None:
    messages = chains(service.topic, 50)
    publish(service.kafka, scrambled(messages))
    consumer = service.consumer(batch_size=37)
    service.relay()
    service.effects.wait_for(messages)
    until(lambda: len(set(committed(service.kafka, service.group, service.topic))) == 1)
    until(lambda: service.effects.unpublished() == 0)
    assert consumer.health.ready() == (True, {"consumer": "ok", "kafka": "ok"})
    service.stop()
    service.effects.check(messages)
    service.effects.check_announced()


def test_redelivering_everything_changes_and_announces_nothing(service) -> None:
    messages = chains(service.topic, 20)
    publish(service.kafka, messages)
    service.consumer()
    service.effects.wait_for(messages)
    before = service.effects.query("select * from totals order by customer")
    publish(service.kafka, scrambled(messages, duplicates=1.0))
    until(lambda: committed(service.kafka, service.group, service.topic) == (240, 240))
    assert service.effects.query("select * from totals order by customer") == before
    service.relay()
    until(lambda: service.effects.unpublished() == 0)
    service.effects.check_announced()


def test_messages_for_other_services_are_ignored(service) -> None:
    messages = chains(service.topic, 3)
    others = [message(service.topic, f"w{i}", {}, type="weather.v1") for i in range(5)]
    publish(service.kafka, [*others, *messages])
    service.consumer()
    service.effects.wait_for(messages)
    until(lambda: len(set(committed(service.kafka, service.group, service.topic))) == 1)
    service.effects.check(messages)


def test_a_message_of_the_maximum_size_is_applied(service: Service, make_topic: Callable[..., str]) -> None:
    service.topic = make_topic(1, "large", {"max.message.bytes": str(MAX_DEAD_LETTER_BYTES)})
    large = replace(
        message(service.topic, "large", {}, type="weather.v1"),
        value=random.Random(3).randbytes(MAX_MESSAGE_BYTES),
    )
    messages = chains(service.topic, 3)
    publish(service.kafka, [large, *messages, replace(large, id="again")])
    service.consumer()
    service.effects.wait_for(messages)
    until(lambda: committed(service.kafka, service.group, service.topic) == (len(messages) + 2,) * 2)
    service.effects.check(messages)


def test_an_announcement_continues_the_trace_of_its_cause(service) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    publish(service.kafka, [replace(message(service.topic, "e", {"customer": "c"}), traceparent=trace)])
    service.consumer()
    service.relay()
    until(lambda: service.effects.totals() and service.effects.unpublished() == 0)
    (said,) = everything(service.kafka, service.announcements)
    continued = decode_record(said).traceparent
    assert trace_id(continued) == trace_id(trace) and continued != trace
