"""The broker becomes unavailable; consumers join, leave and are killed under load."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from messaging_effects import publish, until
from messaging_parcels import ParcelHandler, as_event, chains, message, scrambled
from messaging_workers import Service
from prometheus_client import CollectorRegistry

from devstack import kafka
from devstack.errors import Unavailable
from devstack.kafka import apache
from devstack.processes import Owner
from devstack.testing.freezing import frozen
from devstack.testing.report import APACHE_KAFKA, leave_out
from messaging import metrics
from messaging.message import OutgoingMessage
from messaging.operations.topics import wait_until_listed
from messaging.producer import create_producer
from messaging.runtime.group_watch import GroupWatch
from messaging.settings import KafkaSettings
from processkit.health import Health
from processkit.metrics import Figure

pytestmark = pytest.mark.kafka_protocol


class PrivateKafka:
    """A private broker that the tests stop and start."""

    def __init__(self, owner: Owner, folder: Path) -> None:
        self._owner, self._folder = owner, folder
        self._server = kafka.start(owner, folder)
        self.settings = KafkaSettings(bootstrap_servers=self._server.bootstrap)
        self._port = int(self._server.bootstrap.rpartition(":")[2])

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server = kafka.start(self._owner, self._folder, self._port)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    def frozen(self) -> AbstractContextManager[None]:
        assert self._server.child is not None
        return frozen(self._server.child.pid)

    def make_topic(self, partitions: int = 1, name: str = "t", config: Any = None) -> str:
        client = AdminClient({"bootstrap.servers": self._server.bootstrap})
        topic = f"{name}.{uuid.uuid4().hex[:12]}"
        wanted = NewTopic(topic, num_partitions=partitions, replication_factor=1)
        client.create_topics([wanted])[topic].result(20)
        wait_until_listed(client, [topic])
        return topic


@pytest.fixture(scope="module")
def private_kafka(masterji_owner: Owner, _server_folder: Path) -> Iterator[PrivateKafka]:
    try:
        apache.resolve(lambda line: None)
    except Unavailable:
        leave_out(APACHE_KAFKA)
    broker = PrivateKafka(masterji_owner, _server_folder / "messaging-kafka")
    yield broker
    broker.stop()


@pytest.fixture
def service(private_kafka: PrivateKafka, parcels_dsn: str, make_service: Callable[..., Any]) -> Any:
    return make_service(private_kafka.settings, parcels_dsn, private_kafka.make_topic, partitions=6)


def holders(service: Service) -> int:
    """Return how many consumers are connected to the database, and so have handled a message."""
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = %s"
    )
    return int(service.effects.query(query, service.group)[0][0])


def test_a_consumer_waits_for_an_unavailable_broker_and_loses_nothing(
    service: Service, private_kafka: PrivateKafka
) -> None:
    first, second = chains(service.topic, 100), chains(service.topic, 50, prefix="after")
    publish(service.kafka, scrambled(first))
    running, relay = service.consumer(batch_size=20), service.relay(delivery_seconds=2.0)
    until(service.effects.recorded)
    private_kafka.stop()
    until(
        lambda: "kafka" in running.health.ready()[1] and running.said("kafka") != "ok",
        what=running.health.ready,
    )
    assert running.alive and running.health.live()[0]
    # Announcements wait in the outbox while the broker is unavailable.
    with psycopg.connect(service.dsn) as tx:
        handler: ParcelHandler = service.handler()
        extra = message(service.topic, "extra", {"customer": "extra"})
        handler.record(tx, [as_event(extra)])
        handler.derive(tx, [as_event(extra)])
    until(lambda: not relay.health.ready()[0])
    assert service.effects.unpublished() > 0
    private_kafka.start()
    publish(service.kafka, scrambled(second))
    service.effects.wait_for([*first, extra, *second], 60)
    until(service.at_the_end)
    until(lambda: service.effects.unpublished() == 0)
    until(lambda: running.health.ready()[0] and relay.health.ready()[0], what=running.health.ready)
    service.stop()
    service.effects.check([*first, extra, *second])
    service.effects.check_announced()


def test_a_stop_while_the_broker_is_unavailable_is_in_time(
    service: Service, private_kafka: PrivateKafka
) -> None:
    messages = chains(service.topic, 10)
    publish(service.kafka, messages)
    running = service.consumer()
    service.effects.wait_for(messages)
    private_kafka.stop()
    try:
        running.stop(10)
    finally:
        private_kafka.start()


@pytest.mark.parametrize("way", ["stopped", "frozen"])
def test_figures_of_a_group_are_absent_while_kafka_is_unavailable(
    service: Service, private_kafka: PrivateKafka, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    registry = CollectorRegistry(auto_describe=True)
    stalled = Figure("stalled", "Stalled", ["group"], fresh_seconds=6.0, registry=registry)
    monkeypatch.setattr(metrics, "GROUP_STALLED", stalled)

    def exported() -> float | None:
        return registry.get_sample_value("stalled", {"group": service.group})

    health = Health()
    watch = service.start(GroupWatch(service.kafka, service.group, [service.topic], health).run, health)
    until(lambda: exported() == 0 and health.ready()[0], what=health.ready)
    with getattr(private_kafka, way)():
        until(lambda: exported() is None, what=exported)
        until(lambda: watch.said("group-watch").startswith("Kafka: "), what=health.ready)
        assert health.live()[0], "a restart would not help"
    until(lambda: exported() == 0 and health.ready()[0], what=health.ready)
    with getattr(private_kafka, way)():
        watch.stop(10)


@pytest.mark.parametrize("protocol", ["consumer", "classic"])
def test_consumers_that_join_and_leave_under_load_lose_and_repeat_nothing(
    service: Service, protocol: str
) -> None:
    # Partitions move between processes during batches, and one of the processes is killed.
    settings: dict[str, Any] = {"protocol": protocol, "batch_size": 100, "slow": 0.05}
    if protocol == "classic":
        settings["consumer_config"] = {"session.timeout.ms": 6000}
    messages = chains(service.topic, 600)
    chunks = batches_of(10, scrambled(messages))
    producer = create_producer(service.kafka, "feed")

    sent: set[str] = set()

    def feed() -> None:
        # A few at a time, as soon as the last are recorded, so that the consumers always have work.
        if service.effects.recorded() == sent:
            chunk = next(chunks)
            publish(service.kafka, chunk, producer=producer)
            sent.update(each.id for each in chunk)

    service.relay()
    one = service.process(**settings)
    until(lambda: feed() or holders(service) == 1)
    two = service.process(**settings)
    until(lambda: feed() or holders(service) == 2, 60, "the second consumer has work")
    assert one.stop() == 0
    three = service.process(**settings)
    until(lambda: feed() or holders(service) == 2, 60, "the third consumer has work")
    two.kill()
    publish(service.kafka, [each for chunk in chunks for each in chunk])
    service.finish(messages, 60, process=three)


def batches_of(size: int, messages: list[OutgoingMessage]) -> Iterator[list[OutgoingMessage]]:
    return (messages[start : start + size] for start in range(0, len(messages), size))


@pytest.mark.parametrize("protocol", ["consumer", "classic"])
def test_a_process_frozen_for_longer_than_its_session_continues_without_loss(
    service: Service, protocol: str
) -> None:
    settings: dict[str, Any] = {"protocol": protocol}
    if protocol == "classic":
        settings["consumer_config"] = {"session.timeout.ms": 6000}
    first, second, third = (chains(service.topic, 20, prefix=name) for name in ("a", "b", "c"))
    service.relay()
    one = service.process(**settings)
    publish(service.kafka, first)
    service.effects.wait_for(first)
    two = service.process(**settings)
    with frozen(one.pid):
        # The group removes the frozen member, and the other member gets its partitions.
        publish(service.kafka, second)
        service.effects.wait_for([*first, *second], 60)
    assert two.stop() == 0
    # It continues without its partitions, and then gets all of them.
    publish(service.kafka, third)
    messages = [*first, *second, *third]
    service.finish(messages, 60, process=one)
