"""The database is unavailable, deadlocks or is not ready: no offset is committed early, no message is
lost."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from messaging_effects import committed, everything, publish, until
from messaging_parcels import ParcelHandler, chains, migrate, scrambled
from messaging_workers import MakeService, Service

from devstack import postgres
from devstack.processes import Owner
from messaging.eventset.event import Event
from messaging.settings import KafkaSettings
from processkit.postgres.database import Session

pytestmark = pytest.mark.kafka_protocol


class PrivatePostgres:
    """A private server that the test stops and starts."""

    def __init__(self, owner: Owner, folder: Path) -> None:
        self._owner, self._folder = owner, folder
        self._server = postgres.start(owner, folder, durable=False)
        self.dsn = self._server.admin_dsn
        self._port = int(psycopg.conninfo.conninfo_to_dict(self.dsn)["port"])  # type: ignore[arg-type]

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server = postgres.start(self._owner, self._folder, self._port, durable=False)


@pytest.fixture
def private_postgres(masterji_owner: Owner, _server_folder: Path) -> Iterator[PrivatePostgres]:
    server = PrivatePostgres(masterji_owner, _server_folder / "messaging-postgres")
    yield server
    server.stop()


def test_a_consumer_waits_for_an_unavailable_database_and_loses_nothing(
    private_postgres: PrivatePostgres,
    kafka_settings: KafkaSettings,
    make_topic: Callable[..., str],
    make_service: MakeService,
) -> None:
    migrate(private_postgres.dsn)
    service = make_service(kafka_settings, private_postgres.dsn, make_topic)
    messages = chains(service.topic, 200)
    batches = scrambled(messages)
    publish(service.kafka, batches[:300])
    running, relay = service.consumer(batch_size=20), service.relay()
    until(service.effects.recorded)

    private_postgres.stop()
    publish(service.kafka, batches[300:])
    until(lambda: "waiting for a dependency" in running.said("consumer"))
    until(lambda: not relay.health.ready()[0])
    before = committed(service.kafka, service.group, service.topic)
    assert before[0] < before[1]
    assert running.health.live()[0], "a restart would not restore the database"
    private_postgres.start()

    service.effects.wait_for(messages)
    until(service.at_the_end)
    until(lambda: service.effects.unpublished() == 0)
    until(lambda: running.health.ready()[0] and relay.health.ready()[0])
    service.stop()
    service.effects.check(messages)
    service.effects.check_announced()
    assert everything(service.kafka, service.dead_letters) == [], "no message was at fault"


def test_repeatedly_cut_connections_lose_and_repeat_nothing(service: Service) -> None:
    messages = chains(service.topic, 150)
    publish(service.kafka, scrambled(messages))
    service.consumer(batch_size=40)
    service.relay()
    cut = known = 0
    query = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and application_name = %s"
    )
    while known < len(messages):
        until(lambda known=known: len(service.effects.recorded()) >= min(known + 60, len(messages)))
        known = len(service.effects.recorded())
        cut += service.effects.query(query, service.group)[0][0]
    assert cut > 0
    service.finish(messages)


def test_a_deadlock_is_retried_at_once_and_causes_no_dead_letter(service: Service) -> None:
    # The handler locks a after b, another transaction of the same database b after a.
    with psycopg.connect(service.dsn) as connection:
        connection.execute("create table pair as select unnest(array['a', 'b']) as name")
    lock = "select name from pair where name = %s for update"
    holds_a, wants_b, tries = threading.Event(), threading.Event(), []

    class Crossing(ParcelHandler):
        def record(self, tx: Session, events: Sequence[Event]) -> None:
            tries.append(1)
            tx.execute("set local deadlock_timeout = '50ms'")
            if len(tries) == 1:
                tx.execute(lock, ("b",))
                assert holds_a.wait(10)
                wants_b.set()
                tx.execute(lock, ("a",))
            super().record(tx, events)

    def other() -> None:
        with psycopg.connect(service.dsn) as tx:
            tx.execute("set local deadlock_timeout = '10s'")  # the handler is to be the victim
            tx.execute(lock, ("a",))
            holds_a.set()
            assert wants_b.wait(10)
            tx.execute(lock, ("b",))

    rival = threading.Thread(target=other)
    rival.start()
    messages = chains(service.topic, 10)
    publish(service.kafka, messages)
    service.consumer(Crossing(service.handler().derivation))
    service.effects.wait_for(messages)
    until(service.at_the_end)
    rival.join(10)
    assert len(tries) >= 2, "the deadlock did not happen"
    service.effects.check(messages)
    assert everything(service.kafka, service.dead_letters) == []


def test_two_consumers_over_the_same_owners_do_not_deadlock(service: Service) -> None:
    # Every batch of either member has the same customers, named in opposite orders.
    messages = chains(service.topic, 60, charges=6)
    publish(service.kafka, messages[::2], partition=0)
    publish(service.kafka, messages[1::2][::-1], partition=1)
    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
    service.consumer(batch_size=25)
    service.consumer(batch_size=25)
    service.effects.wait_for(messages)
    service.stop()
    service.effects.check(messages)
    assert service.effects.query(deadlocks) == [(0,)]


READ_ONLY = "alter database {name} set default_transaction_read_only = "


@pytest.mark.parametrize(
    ("spoil", "repair"),
    [
        ("alter table events rename to elsewhere", "alter table elsewhere rename to events"),
        ("alter table totals rename digest to other", "alter table totals rename other to digest"),
        (READ_ONLY + "on", READ_ONLY + "off"),
    ],
    ids=["no table", "no column", "a standby"],
)
def test_a_database_that_is_not_ready_for_the_service_loses_no_message(
    service: Service, postgres_admin_dsn: str, spoil: str, repair: str
) -> None:
    name = service.effects.query("select current_database()")[0][0]

    def change(statement: str) -> None:
        dsn = postgres_admin_dsn if "{name}" in statement else service.dsn
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(statement.format(name=name))

    change(spoil)
    messages = chains(service.topic, 5)
    publish(service.kafka, messages)
    running = service.consumer()
    until(lambda: "waiting for a dependency" in running.said("consumer"), what=running.health.ready)
    change(repair)
    # After a failover the standby's clients are disconnected and find the primary.
    query = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = %s"
    service.effects.query(query, service.group)
    service.effects.wait_for(messages)
    until(service.at_the_end)
    assert everything(service.kafka, service.dead_letters) == []
