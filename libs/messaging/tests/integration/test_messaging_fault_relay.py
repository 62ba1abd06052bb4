"""The outbox reaches the broker despite failures of the relay, and rows are deleted only after their
report."""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest
from confluent_kafka import Producer
from messaging_effects import everything, publish, until
from messaging_parcels import BORN, chains, scrambled
from messaging_workers import Service
from prometheus_client import REGISTRY

from messaging.message import OutgoingMessage, decode_record
from messaging.outbox import rows as outbox
from messaging.outbox.backlog import outbox_watch
from messaging.outbox.relay import LOCK_KEY, STALLED_SECONDS, Relay
from messaging.producer import create_producer
from processkit.health import RENEW_SECONDS, Health
from processkit.postgres.database import Database

pytestmark = pytest.mark.kafka_protocol

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


_LOCKS = (
    "select count(*) from pg_locks where locktype = 'advisory' and granted and database ="
    " (select oid from pg_database where datname = current_database())"
)


class Ahead:
    """The system clock, which the test moves forward."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.seconds


def row(topic: str, number: int, value: bytes = b"{}") -> OutgoingMessage:
    return OutgoingMessage(topic, f"key{number % 3}", f"id{number:05}", "total.v1", "parcels", BORN, value)


def append(dsn: str, rows: list[OutgoingMessage]) -> None:
    with psycopg.connect(dsn) as tx:
        outbox.append(tx, rows)


def published(service: Service) -> list[str]:
    return [decode_record(record).id for record in everything(service.kafka, service.announcements)]


def kill_relays(service: Service) -> int:
    query = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where application_name = 'relay' and datname = current_database()"
    )
    return int(service.effects.query(query)[0][0])


def test_messages_are_published_once_their_transaction_commits(service: Service) -> None:
    database = Database(service.dsn, "tests")
    sent = OutgoingMessage(
        service.announcements,
        "k",
        "id",
        "total.v1",
        "parcels",
        datetime(2026, 11, 23, 10, 0, 0, 123_456, tzinfo=UTC),
        msgspec.json.encode({"é": 1}),
        TRACEPARENT,
        {"extra": "é"},
    )
    with database.transaction() as tx:
        outbox.append(tx, [sent])
        raise psycopg.Rollback
    with database.transaction() as tx:
        outbox.append(tx, [])
        outbox.append(tx, [sent])
        relay = service.relay()
        until(lambda: relay.health.ready()[0])
        assert published(service) == [], "not before the commit"
    until(lambda: service.effects.unpublished() == 0)
    (record,) = everything(service.kafka, service.announcements)
    message = decode_record(record)
    assert (message.id, message.key, message.type, message.source) == ("id", "k", "total.v1", "parcels")
    assert (message.time, message.value, message.traceparent) == (sent.time, sent.value, TRACEPARENT)
    assert message.headers["extra"] == "é"
    database.close()


def test_messages_of_one_key_are_published_in_order(service: Service) -> None:
    append(service.dsn, [row(service.announcements, n) for n in range(2500)])
    service.relay()
    until(lambda: service.effects.unpublished() == 0)
    by_key: dict[str, list[str]] = {}
    for record in everything(service.kafka, service.announcements):
        message = decode_record(record)
        by_key.setdefault(str(message.key), []).append(message.id)
    assert sum(map(len, by_key.values())) == 2500
    assert all(ids == sorted(ids) for ids in by_key.values())


def test_a_commit_wakes_the_relay_at_once(service: Service) -> None:
    relay = service.relay()
    until(lambda: relay.health.ready()[0])
    begun = time.monotonic()
    for number in range(5):
        append(service.dsn, [row(service.announcements, number)])
        until(lambda: service.effects.unpublished() == 0)
    # Polling alone would take a second for each message.
    assert time.monotonic() - begun < 4


def test_a_relay_that_loses_its_connection_reconnects_and_loses_nothing(service: Service) -> None:
    messages = chains(service.topic, 150)
    publish(service.kafka, scrambled(messages))
    service.consumer(batch_size=30)
    relay = service.relay(batch=5)
    killed = 0
    while service.effects.unpublished() or service.effects.recorded() != {each.id for each in messages}:
        killed += kill_relays(service)
        until(lambda: relay.health.ready()[0] or not relay.alive)
    assert killed > 0
    service.effects.wait_for(messages)
    until(lambda: service.effects.unpublished() == 0)
    until(lambda: relay.health.ready()[0])
    service.stop()
    service.effects.check(messages)
    service.effects.check_announced()


def test_one_of_two_relays_works_and_the_other_takes_over(service: Service) -> None:
    first, second = service.relay(), service.relay()
    until(lambda: first.health.ready()[0] and second.health.ready()[0])
    assert service.effects.query(_LOCKS) == [(1,)]
    append(service.dsn, [row(service.announcements, n) for n in range(100)])
    until(lambda: service.effects.unpublished() == 0)
    assert sorted(published(service)) == [f"id{n:05}" for n in range(100)], (
        "nothing was published twice, because one relay works"
    )
    first.stop()
    append(service.dsn, [row(service.announcements, n) for n in range(100, 200)])
    until(lambda: service.effects.unpublished() == 0)
    second.stop()
    append(service.dsn, [row(service.announcements, 200)])
    service.relay()
    until(lambda: service.effects.unpublished() == 0)
    assert sorted(published(service)) == [f"id{n:05}" for n in range(201)]


def test_a_relay_that_holds_the_lock_and_hangs_is_replaced_by_a_standby(service: Service) -> None:
    append(service.dsn, [row(service.announcements, n) for n in range(20)])
    continues, ahead = threading.Event(), Ahead()

    def hang() -> Producer:
        continues.wait(60)
        return create_producer(service.kafka, "relay")

    hung = service.relay(health=Health(monotonic=ahead), create_producer=hang, idle_seconds=1)
    until(lambda: service.effects.query(_LOCKS) == [(1,)])
    standby = service.relay()
    until(lambda: service.effects.unpublished() == 0, what=standby.health.ready)
    ahead.seconds += 2 * RENEW_SECONDS
    assert hung.health.ready()[0] is False
    continues.set()
    until(lambda: hung.health.ready()[0], what=hung.health.ready)
    standby.stop()
    append(service.dsn, [row(service.announcements, n) for n in range(20, 30)])
    until(lambda: service.effects.unpublished() == 0, what=hung.health.ready)
    assert set(published(service)) == {f"id{n:05}" for n in range(30)}


def test_a_standby_reports_a_lock_whose_holder_publishes_nothing(service: Service) -> None:
    ahead = Ahead()

    def reported() -> bool:
        ahead.seconds += (
            2 * STALLED_SECONDS
        )  # in each round, since the standby may not have read the rows yet
        return "has published nothing" in standby.said("relay")

    with psycopg.connect(service.dsn, autocommit=True) as holder:
        holder.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        standby = service.relay(health=Health(monotonic=ahead))
        until(lambda: standby.health.ready()[0])
        ahead.seconds += 2 * STALLED_SECONDS
        until(lambda: standby.health.ready()[0], what=standby.health.ready)  # the outbox is empty
        append(service.dsn, [row(service.announcements, n) for n in range(2)])
        until(reported, what=standby.health.ready)
        # The oldest row was deleted: the holder works.
        holder.execute("delete from outbox where event_id = 'id00000'")
        until(lambda: standby.health.ready()[0], what=standby.health.ready)
        until(reported, what=standby.health.ready)
    until(lambda: service.effects.unpublished() == 0)
    until(lambda: standby.health.ready()[0], what=standby.health.ready)


def test_a_relay_with_nothing_to_publish_keeps_its_session(service: Service) -> None:
    relay = service.relay(idle_seconds=2)
    until(lambda: relay.health.ready()[0])
    query = (
        "select pid from pg_stat_activity where application_name = 'relay' and datname = current_database()"
    )
    before = service.effects.query(query)
    # Twice as long as an idle session lives: each round of the relay is a statement.
    time.sleep(4)
    append(service.dsn, [row(service.announcements, 1)])
    until(lambda: service.effects.unpublished() == 0)
    assert service.effects.query(query) == before
    assert published(service) == ["id00001"]


def test_the_backlog_is_exported_while_another_session_holds_the_lock(service: Service) -> None:
    append(service.dsn, [row(service.announcements, n) for n in range(50)])
    service.effects.query("update outbox set created_at = now() - interval '10 minutes' returning 1")
    health = Health()
    watch = service.start(outbox_watch(service.dsn, health).run, health)
    with psycopg.connect(service.dsn, autocommit=True) as hung:
        hung.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        standby = service.relay()
        until(lambda: standby.health.ready()[0] and health.ready()[0], what=health.ready)
        assert REGISTRY.get_sample_value("messaging_outbox_backlog") == 50
        assert (REGISTRY.get_sample_value("messaging_outbox_age_seconds") or 0) >= 600
    # The lock is free: the standby publishes, and the watch reports an empty outbox.
    until(lambda: REGISTRY.get_sample_value("messaging_outbox_backlog") == 0)
    assert REGISTRY.get_sample_value("messaging_outbox_age_seconds") == 0
    watch.stop()


def test_a_watch_reports_an_unavailable_database() -> None:
    health, stop = Health(), threading.Event()
    thread = threading.Thread(
        target=outbox_watch("postgresql://postgres@127.0.0.1:1/postgres", health).run, args=(stop,)
    )
    thread.start()
    until(lambda: "database: " in health.ready()[1]["outbox"])
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_row_that_its_topic_rejects_blocks_only_the_rows_behind_it(
    service: Service, make_topic: Callable[..., str]
) -> None:
    small = make_topic(1, "small", {"max.message.bytes": "3000"})
    rows = [row(service.announcements, n) for n in range(100)]
    rows[50] = OutgoingMessage(small, "k", "too-large", "t", "s", BORN, random_bytes(20_000))
    append(service.dsn, rows)
    relay = service.relay()
    until(lambda: "too-large" in relay.said("relay"), what=relay.health.ready)
    assert relay.health.ready()[0] is False and "was not accepted" in relay.said("relay")
    left = service.effects.query("select event_id from outbox order by id")
    assert [name for (name,) in left] == [each.id for each in rows[50:]]
    failures = REGISTRY.get_sample_value("messaging_outbox_failures_total") or 0
    until(lambda: (REGISTRY.get_sample_value("messaging_outbox_failures_total") or 0) >= failures + 3)
    # Each attempt publishes one row, so that the rows behind it are not published repeatedly.
    assert max(published(service).count(each.id) for each in rows[51:]) == 1
    service.effects.query("delete from outbox where event_id = 'too-large' returning 1")
    until(lambda: service.effects.unpublished() == 0)
    assert set(published(service)) == {each.id for each in rows} - {"too-large"}


def random_bytes(size: int) -> bytes:
    import random

    return random.Random(3).randbytes(size)


def test_a_row_that_the_client_rejects_does_not_block_the_rows_before_it(service: Service) -> None:
    rows = [row(service.announcements, n) for n in range(20)]
    rows[10] = row(service.announcements, 10, random_bytes(3 * 1024 * 1024))
    append(service.dsn, rows)
    relay = service.relay()
    until(lambda: "id00010" in relay.said("relay"), what=relay.health.ready)
    assert service.effects.unpublished() == 10
    assert {f"id{n:05}" for n in range(10)} <= set(published(service))


def test_a_batch_is_limited_in_bytes_too(service: Service) -> None:
    # A thousand rows of a megabyte would exceed the relay's memory and the client's queue.
    append(service.dsn, [row(service.announcements, n, random_bytes(900 * 1024)) for n in range(20)])
    relay = Relay(service.dsn, lambda: create_producer(service.kafka, "relay"), Health())
    with psycopg.connect(service.dsn, autocommit=True) as connection:
        assert [relay.publish_once(connection) for _ in range(3)] == [19, 1, 0]
    assert sorted(published(service)) == [f"id{n:05}" for n in range(20)]


def test_a_broker_that_is_away_keeps_every_row(service: Service) -> None:
    append(service.dsn, [row(service.announcements, n) for n in range(10)])
    away = service.kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    health = Health()
    relay = Relay(service.dsn, lambda: create_producer(away, "relay"), health, delivery_seconds=0.5)
    running = service.start(relay.run, health)
    until(lambda: "was not accepted" in running.said("relay"), what=running.health.ready)
    assert service.effects.unpublished() == 10
    running.stop()
    service.relay()
    until(lambda: service.effects.unpublished() == 0)
    assert sorted(published(service)) == [f"id{n:05}" for n in range(10)]


def test_a_relay_waits_for_a_database_that_is_away() -> None:
    health, stop = Health(), threading.Event()
    relay = Relay(
        "postgresql://postgres@127.0.0.1:1/postgres", lambda: pytest.fail("no producer yet"), health
    )
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    until(lambda: "OperationalError" in health.ready()[1]["relay"])
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_the_runbook_names_the_relay_that_holds_the_lock(service: Service) -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / "operations.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"`(select a\.pid, a\.client_addr[^`]+)`", text)
    relays = (
        "select pid from pg_stat_activity where application_name = 'relay' and datname = current_database()"
    )
    with psycopg.connect(service.dsn, autocommit=True) as connection:
        service.relay()
        until(lambda: len(connection.execute(query).fetchall()) == 1)
        ((holder, *_),) = connection.execute(query).fetchall()
        service.relay()
        until(lambda: len(connection.execute(relays).fetchall()) == 2)
        assert [row[0] for row in connection.execute(query)] == [holder], "not the standby"
        connection.execute("select pg_terminate_backend(%s)", (holder,))
        until(lambda: [row[0] for row in connection.execute(query)] not in ([], [holder]))
