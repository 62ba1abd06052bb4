"""The watch of a group on a real broker: its metrics for a stopped group and for a working one."""

import pytest
from messaging_effects import publish, until
from messaging_parcels import chains
from messaging_workers import Service
from prometheus_client import REGISTRY

from messaging.runtime.group_watch import GroupWatch
from processkit.health import Health

pytestmark = pytest.mark.kafka_protocol


def figures(service: Service) -> tuple[float | None, float | None, float | None]:
    """Lag, stalled and unreachable partitions of the group."""
    group = {"group": service.group}
    return (
        REGISTRY.get_sample_value("messaging_group_lag", {**group, "topic": service.topic}),
        REGISTRY.get_sample_value("messaging_group_stalled_partitions", group),
        REGISTRY.get_sample_value("messaging_group_unreachable_partitions", group),
    )


def test_a_stopped_group_lags_and_stalls_until_a_consumer_starts(service: Service) -> None:
    kafka = service.kafka.model_copy(update={"stall_seconds": 1.0})
    health = Health()
    watch = service.start(GroupWatch(kafka, service.group, [service.topic], health).run, health)
    until(lambda: figures(service) == (0, 0, 0), what=lambda: (figures(service), health.ready()))

    messages = chains(service.topic, 5)
    publish(service.kafka, messages, partition=0)
    publish(service.kafka, messages[:3], partition=1)
    count = len(messages) + 3
    until(lambda: figures(service) == (count, 2, 0), what=lambda: figures(service))
    assert health.ready() == (True, {"group-watch": "ok"}), "the watch is up"

    consumer = service.consumer()
    until(lambda: figures(service) == (0, 0, 0), what=lambda: figures(service))
    consumer.stop()
    publish(service.kafka, messages[:1], partition=1)
    until(lambda: figures(service) == (1, 1, 0), what=lambda: figures(service))
    watch.stop(3)


def test_a_topic_that_does_not_exist_is_named_and_the_others_are_watched(service: Service) -> None:
    health, absent = Health(), f"absent-{service.group}"
    service.start(GroupWatch(service.kafka, service.group, [service.topic, absent], health).run, health)
    until(lambda: figures(service) == (0, 0, 0), what=lambda: figures(service))
    reason = f"Kafka: topics are missing, create them: {absent}"
    until(lambda: health.ready() == (False, {"group-watch": reason}), what=health.ready)
