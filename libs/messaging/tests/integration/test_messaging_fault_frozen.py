"""A database that hangs: it keeps its connections, accepts new ones and does not answer."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from messaging_effects import publish, until
from messaging_parcels import chains, migrate
from messaging_workers import MakeService
from prometheus_client import REGISTRY

from devstack import postgres
from devstack.postgres import PostgresServer
from devstack.processes import Owner
from devstack.testing.freezing import frozen
from messaging.eventset.clock import ClockWorker
from messaging.settings import KafkaSettings
from processkit.health import RENEW_SECONDS, Health
from processkit.postgres.database import Database

pytestmark = pytest.mark.kafka_protocol


@pytest.fixture
def private_postgres(masterji_owner: Owner, _server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres.start(masterji_owner, _server_folder / "frozen-postgres", durable=False)
    yield server
    server.stop()


def pid(server: PostgresServer) -> int:
    assert server.child is not None
    return server.child.pid


class Ahead:
    """The system clock, which the test moves forward."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.seconds


def paused(group: str) -> float | None:
    return REGISTRY.get_sample_value("messaging_paused", {"group": group})


def test_workers_report_a_hanging_database_and_continue_automatically(
    private_postgres: PostgresServer,
    kafka_settings: KafkaSettings,
    make_topic: Callable[..., str],
    make_service: MakeService,
) -> None:
    migrate(private_postgres.admin_dsn)
    service = make_service(kafka_settings, private_postgres.admin_dsn, make_topic)
    messages = chains(service.topic, 20)
    ahead = Ahead()
    health = Health(monotonic=ahead)
    consumer = service.consumer(health=health)
    relay = service.relay(health=health)
    clock = ClockWorker(service.handler().derivation, service.dsn, health)
    service.start(clock.run, health)
    publish(service.kafka, messages[:40])
    until(lambda: health.ready()[0], what=health.ready)

    ahead.seconds += 2 * RENEW_SECONDS
    until(lambda: health.ready()[0], what=health.ready)  # idle workers report at each turn
    assert paused(service.group) == 0

    with frozen(pid(private_postgres)):
        publish(service.kafka, messages[40:])

        def all_are_overdue() -> bool:
            # A worker between two turns still reports before it waits for its database.
            ahead.seconds += 2 * RENEW_SECONDS
            time.sleep(0.2)
            reasons = health.ready()[1]
            return all("no sign of life" in reasons[part] for part in ("consumer", "relay", "clock"))

        until(all_are_overdue, what=health.ready)
        assert paused(service.group) == 1
        assert health.live()[0], "a restart would not restore the database"

    service.effects.wait_for(messages)
    until(service.at_the_end)
    until(lambda: service.effects.unpublished() == 0)
    until(lambda: health.ready()[0], what=health.ready)
    assert paused(service.group) == 0
    consumer.stop()
    relay.stop()
    service.effects.check(messages)


def test_a_statement_without_an_answer_fails_and_the_next_one_reconnects(
    private_postgres: PostgresServer,
) -> None:
    database = Database(private_postgres.admin_dsn, "test", statement_timeout_seconds=1)
    try:
        with database.transaction() as tx:
            assert tx.execute("select 1").fetchone() == (1,)
        with (
            frozen(pid(private_postgres)),
            pytest.raises(psycopg.OperationalError, match="gave no answer within 4 s"),
            database.transaction() as tx,
        ):
            tx.execute("select 1")
        with database.transaction() as tx:
            assert tx.execute("select 2").fetchone() == (2,)
    finally:
        database.close()


def test_without_a_statement_timeout_the_client_waits_without_a_limit(parcels_dsn: str) -> None:
    database = Database(parcels_dsn, "test", statement_timeout_seconds=None)
    try:
        connection = database.connection()
        assert connection.execute("show statement_timeout").fetchone() == ("0",)
        assert connection.answer_seconds is None  # type: ignore[attr-defined]
    finally:
        database.close()
