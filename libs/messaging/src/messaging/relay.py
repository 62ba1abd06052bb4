"""Publishes the outbox. One relay a database works at a time; a row goes only after its delivery report.

What is published twice after a crash is harmless: consumers apply an announcement only if its version is
greater, and a set of events holds no duplicates.
"""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from messaging import metrics
from messaging.backoff import Backoff
from messaging.errors import Kind, Transient, classify
from messaging.health import Health
from messaging.message import OutgoingMessage
from messaging.outbox import CHANNEL

log = structlog.stdlib.get_logger(__name__)

# Any number that all relays of one database share and nothing else there uses.
LOCK_KEY = 0x6F7574626F78
_READ = """
select id, topic, key, event_id, type, source, time, value, traceparent, headers
  from outbox order by id limit %s"""
_BACKLOG = """
select (select count(*) from (select 1 from outbox limit 100001) as bounded),
       coalesce(extract(epoch from now() - (select created_at from outbox order by id limit 1)), 0)"""


class Relay:
    """Reads rows in their order, publishes them, and deletes what the broker has acknowledged.

    `dsn` must reach Postgres directly: the lock belongs to the connection that reads and deletes, and a
    pooler that hands statements to other connections would break that.
    """

    def __init__(
        self,
        dsn: str,
        create_producer: Callable[[], Producer],
        health: Health,
        *,
        batch: int = 1000,
        delivery_seconds: float = 15.0,
    ) -> None:
        self._dsn = dsn
        self._create_producer = create_producer
        self._component = health.component("relay")
        self._batch = batch
        self._delivery_seconds = delivery_seconds
        self._producer: Producer | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; after a failure drop the producer and begin at the oldest row."""
        backoff = Backoff(random.Random())  # noqa: S311 - jitter, not a secret
        while not stop.is_set():
            try:
                self._session(stop, backoff)
            except Exception as error:
                if classify(error) not in (Kind.TRANSIENT, Kind.CONFLICT):
                    raise
                metrics.OUTBOX_FAILURES.inc()
                self._component.down(f"{type(error).__name__}: {error}"[:200])
                wait = backoff.next_seconds()
                log.warning(
                    "relay starts again from the oldest row", error=str(error), seconds=round(wait, 2)
                )
                stop.wait(wait)
            finally:
                self._drop_producer()

    def _session(self, stop: threading.Event, backoff: Backoff) -> None:
        with psycopg.connect(
            self._dsn,
            autocommit=True,
            application_name="relay",
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=10_000,
        ) as connection:
            connection.execute("select set_config('statement_timeout', '20s', false)")
            while not stop.is_set() and not _lock(connection):
                # Another relay works: this one stands by, which is as ready as it gets.
                self._component.up()
                stop.wait(1.0)
            connection.execute(f"listen {CHANNEL}")
            while not stop.is_set():
                published = self.publish_once(connection)
                backoff.reset()
                self._component.up()
                if published < self._batch:
                    self._observe(connection)
                    for _ in connection.notifies(timeout=1.0, stop_after=1):
                        pass

    def publish_once(self, connection: psycopg.Connection[Any]) -> int:
        """Publish the oldest rows and delete those delivered; return how many.

        Raises Transient when a delivery failed. Rows from the first failure on stay, so that one key's
        messages leave in their order as long as nothing fails.
        """
        rows = connection.execute(_READ, (self._batch,)).fetchall()
        if not rows:
            return 0
        if self._producer is None:
            self._producer = self._create_producer()
        failures: dict[int, KafkaError] = {}
        pending = len(rows)

        def report(row: int) -> Callable[[KafkaError | None, KafkaMessage], None]:
            def delivered(error: KafkaError | None, _message: KafkaMessage) -> None:
                nonlocal pending
                pending -= 1
                if error is not None:
                    failures[row] = error

            return delivered

        for identity, *columns in rows:
            message = OutgoingMessage(*columns)
            try:
                self._producer.produce(
                    message.topic,
                    key=message.key.encode(),
                    value=message.value,
                    headers=message.kafka_headers(),
                    on_delivery=report(identity),
                )
            except (BufferError, KafkaException) as error:
                raise Transient(f"{message.type} {message.id} cannot be queued: {error}") from error
        self._producer.flush(self._delivery_seconds)
        if pending:
            raise Transient(f"{pending} of {len(rows)} messages were not acknowledged in time")
        first_failure = min(failures, default=None)
        done = [row[0] for row in rows if first_failure is None or row[0] < first_failure]
        if done:
            connection.execute("delete from outbox where id = any(%s)", (done,))
            for row in rows[: len(done)]:
                metrics.OUTBOX_PUBLISHED.labels(row[1]).inc()
        if first_failure is not None:
            raise Transient(f"delivery failed: {failures[first_failure]}")
        return len(done)

    def _observe(self, connection: psycopg.Connection[Any]) -> None:
        row = connection.execute(_BACKLOG).fetchone()
        assert row is not None
        metrics.OUTBOX_BACKLOG.set(row[0])
        metrics.OUTBOX_AGE.set(float(row[1]))

    def _drop_producer(self) -> None:
        # What it still holds must not be delivered later, after newer messages of the same key.
        if self._producer is not None:
            with suppress(KafkaException):
                self._producer.purge()
                self._producer.flush(1.0)
            self._producer = None


def _lock(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("select pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone()
    assert row is not None
    return bool(row[0])
