"""Publishes the outbox. One relay per database works at a time; a row is deleted only after its delivery
report.

A message that is published twice after a crash is harmless: consumers apply an announcement only if its
version is greater, and a set of events holds no duplicates.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException, Producer

from messaging import metrics
from messaging.errors import is_transient
from messaging.message import OutgoingMessage
from messaging.outbox.rows import CHANNEL, COLUMNS
from messaging.producer import Record, deliver
from processkit.errors import Transient
from processkit.health import RENEW_SECONDS, Component, Health
from processkit.loop import Loop
from processkit.postgres.connections import (
    ANSWER_MARGIN_SECONDS,
    Connection,
    connect_options,
    session_settings,
)

log = structlog.stdlib.get_logger(__name__)

# An arbitrary number that all relays of a database share and nothing else in it uses.
LOCK_KEY = 0x6F7574626F78
# The oldest rows up to a total size; always at least the first.
_READ = f"""
select id, {", ".join(COLUMNS)}
  from (select *, sum(octet_length(value)) over (order by id) - octet_length(value) as before
          from (select * from outbox order by id limit %s) as oldest) as bounded
 where before < %s order by id"""  # noqa: S608 - names of declared columns
MAX_BATCH_BYTES = 16 * 1024 * 1024
STATEMENT_SECONDS = 20
IDLE_SECONDS = 45.0
"""Longer than a working relay leaves its session idle: while the broker acknowledges a batch."""

STALLED_SECONDS = 60.0
"""Longer than a working relay needs for the oldest row: to read it, to publish it, and to delete it."""


class Relay:
    """Reads rows in order, publishes them, and deletes those that the broker has acknowledged.

    `dsn` must reach Postgres directly: the lock belongs to the connection that reads and deletes, and a
    pooler that hands statements to other connections would break that.

    The server ends the session of a relay that holds the lock and hangs, once the session is idle for
    `idle_seconds`, which must be longer than `delivery_seconds`. A standby relay then takes over; the one
    that hung reconnects as soon as it continues.
    """

    def __init__(
        self,
        dsn: str,
        create_producer: Callable[[], Producer],
        health: Health,
        *,
        batch: int = 1000,
        delivery_seconds: float = 15.0,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._dsn = dsn
        self._create_producer = create_producer
        self._component = health.component("relay", RENEW_SECONDS)
        self._batch = batch
        self._delivery_seconds = delivery_seconds
        self._session_settings = {
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "idle_session_timeout": f"{int(idle_seconds * 1000)}ms",
        }
        self._connection: Connection | None = None
        self._locked = False
        self._producer: Producer | None = None
        self._limit = batch
        self._stand_by = _StandBy(self._component)
        self._loop = Loop(
            component=self._component,
            turn=self._turn,
            idle_seconds=1.0,
            turn_reports=True,
            waits=is_transient,
            describe=lambda error: f"{type(error).__name__}: {error}"[:200],
            wait=self._wait,
            failed=self._start_again,
            close=[self._drop],
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. After a failure, drop the producer and start at the oldest row again."""
        self._loop.run(stop)

    def _turn(self) -> bool:
        connection = self._connect()
        if not self._locked and not self._lock(connection):
            return False
        published = self.publish_once(connection)
        self._component.up()
        self._limit = min(self._batch, self._limit * 2)
        return published > 0

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = Connection.connect(self._dsn, autocommit=True, **connect_options("relay"))
            self._connection.answer_seconds = STATEMENT_SECONDS + ANSWER_MARGIN_SECONDS
            self._connection.execute(*session_settings(self._session_settings))
            self._stand_by = _StandBy(self._component)
        return self._connection

    def _lock(self, connection: Connection) -> bool:
        row = connection.execute("select pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone()
        self._locked = row is not None and bool(row[0])
        if self._locked:
            connection.execute(f"listen {CHANNEL}")
        else:
            self._stand_by.report(connection)
        return self._locked

    def _wait(self, stop: threading.Event, seconds: float) -> None:
        """Pause; a relay that holds the lock is woken by the next commit of a message."""
        if self._connection is None or not self._locked:
            stop.wait(seconds)
            return
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass

    def _start_again(self, error: Exception, seconds: float) -> None:
        metrics.OUTBOX_FAILURES.inc()
        # Every retry also publishes the rows behind the failing one again: keep the batch small.
        self._limit = 1
        self._drop()
        log.warning("relay starts again from the oldest row", error=str(error), seconds=round(seconds, 2))

    def publish_once(self, connection: psycopg.Connection[Any]) -> int:
        """Publish the oldest rows, delete those that were delivered, and return how many there were.

        Raises Transient when a delivery failed. The rows from the first failure on are kept, so that without
        failures the messages of a key are published in order.
        """
        rows = connection.execute(_READ, (self._limit, MAX_BATCH_BYTES)).fetchall()
        if not rows:
            return 0
        failure = self._publish(rows)
        done = rows if failure is None else rows[: failure[0]]
        if done:
            connection.execute("delete from outbox where id = any(%s)", ([row[0] for row in done],))
            for topic, count in Counter(row[1] for row in done).items():
                metrics.OUTBOX_PUBLISHED.labels(topic).inc(count)
        if failure is not None:
            index, error = failure
            raise Transient(
                f"{rows[index][4]} {rows[index][3]} was not accepted by {rows[index][1]}: {error}"
            )
        return len(done)

    def _publish(self, rows: Sequence[Sequence[Any]]) -> tuple[int, KafkaError] | None:
        """Publish, wait for the delivery reports, and return the index and error of the first failed row."""
        if self._producer is None:
            self._producer = self._create_producer()
        messages = [OutgoingMessage(*columns) for _identity, *columns in rows]
        records = [Record(m.topic, m.key.encode(), m.value, m.kafka_headers()) for m in messages]
        failures = deliver(self._producer, records, self._delivery_seconds, in_order=True)
        return min(failures.items(), key=lambda failure: failure[0], default=None)

    def _drop(self) -> None:
        """Drop the connection, and with it the lock, and the producer."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection, self._locked = None, False
        # Messages still queued must not be delivered later, after newer messages of the same key.
        if self._producer is not None:
            with suppress(KafkaException):
                self._producer.purge()
                self._producer.flush(1.0)
            self._producer = None


class _StandBy:
    """Reports a relay that waits for the lock: as down while the lock's holder publishes nothing."""

    def __init__(self, component: Component) -> None:
        self._component = component
        self._oldest: tuple[Any, ...] | None = None
        self._since = component.monotonic()

    def report(self, connection: Connection) -> None:
        row = connection.execute("select id from outbox order by id limit 1").fetchone()
        now = self._component.monotonic()
        if row is None or row != self._oldest:
            self._oldest, self._since = row, now
        stalled = now - self._since
        if stalled > STALLED_SECONDS:
            self._component.down(
                f"another session holds the relay's lock and has published nothing for {stalled:.0f} s"
            )
        else:
            self._component.up()
