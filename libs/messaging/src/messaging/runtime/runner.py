"""The consumer: polls batches, runs them, and commits offsets only after the database has committed.

One thread, one consumer, one database connection. While a dependency is unavailable, the batch stays in
memory and polling continues, so that the group keeps its member; a rebalance removes the messages of
revoked partitions. A second thread reads the log's bounds from the brokers: a partition that has messages
and does not advance is reported, and the consumer heals itself.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as KafkaMessage

from messaging import metrics
from messaging.deadletters.queue import DeadLetterQueue
from messaging.errors import Halted, Interrupted, is_transient
from messaging.producer import create_producer
from messaging.runtime.batch import BatchWork, Outcome
from messaging.runtime.brake import Brake
from messaging.runtime.handler import Handler
from messaging.runtime.log_bounds import LogReader
from messaging.runtime.log_observer import INTERVAL_SECONDS, LogObserver
from messaging.runtime.member import Member
from messaging.runtime.partitions import Place
from messaging.runtime.progress import Heal, Progress, Stall, describe
from messaging.settings import KafkaSettings
from processkit.backoff import Backoff
from processkit.clock import utc_now
from processkit.health import RENEW_SECONDS, Health
from processkit.postgres.database import Database

log = structlog.stdlib.get_logger(__name__)

LOOK_SECONDS = 0.5
CLOSE_SECONDS = 3.0
# The observer was told to stop before the consumer left the group; its thread ends with the process.
OBSERVER_SECONDS = 0.5
# After SIGTERM a batch may take this long; with CLOSE_SECONDS the process ends within 10 s.
GRACE_SECONDS = 5.0


class ConsumerRunner:
    """Runs one handler in one consumer group until stopped.

    `batch_size` limits a batch in messages, `batch_seconds` the time for gathering it after its first
    message. `max_attempts` limits the attempts for a message that fails unexpectedly, and
    `dead_letter_seconds` the time for the broker to accept dead letters before the batch is repeated.
    """

    def __init__(
        self,
        *,
        kafka: KafkaSettings,
        group_id: str,
        topics: Sequence[str],
        dead_letter_topic: str,
        handler: Handler,
        dsn: str,
        health: Health,
        clock: Callable[[], datetime] = utc_now,
        batch_size: int = 1000,
        batch_seconds: float = 0.02,
        max_attempts: int = 3,
        brake: Brake | None = None,
        dead_letter_seconds: float = 12.0,
    ) -> None:
        self._kafka = kafka
        self._group = group_id
        self._topics = list(topics)
        self._dead_letter_topic = dead_letter_topic
        self._dead_letter_seconds = dead_letter_seconds
        self._clock = clock
        self._batch_size = batch_size
        self._batch_seconds = batch_seconds
        self._brake = brake or Brake(time.monotonic)
        self._database = Database(dsn, group_id)
        self._work = BatchWork(
            handler, self._database, group_id, max_attempts, self._brake, self._out_of_time
        )
        self._component = health.component("consumer", RENEW_SECONDS)
        self._kafka_component = health.component("kafka", RENEW_SECONDS)
        self._waits = False
        self._stop = threading.Event()
        self._stopping_since: float | None = None
        self._config = kafka.consumer(group_id, group_id)
        self._observer = LogObserver(
            lambda: LogReader(kafka, group_id, f"{group_id}-observer"),
            [*topics, dead_letter_topic],
            self._kafka_component,
            interval_seconds=min(INTERVAL_SECONDS, kafka.stall_seconds / 4),
        )
        self._progress = Progress(kafka.stall_seconds, time.monotonic, self._round_bytes)
        self._member: Member | None = None
        self._stalled: frozenset[Place] = frozenset()

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set; then finish the current batch and leave the group.

        Raises ConfigurationError when the client rejects the settings. A consumer that halts leaves the
        group, reports the reason to health, and waits for `stop`.
        """
        self._stop = stop
        metrics.HALTED.labels(self._group).set(0)
        self._report_stalled([])
        # Computed at each scrape, because a thread that hangs in the database could not set it.
        forget_paused = metrics.PAUSED.add(lambda: {(self._group,): self._is_waiting()})
        letters = DeadLetterQueue(
            self._create_producer,
            self._dead_letter_topic,
            self._group,
            delivery_seconds=self._dead_letter_seconds + 3,
        )
        try:
            while self._join_and_consume(letters, stop):
                log.warning("joining the group again", group=self._group)
        except Halted as error:
            self._halt(str(error))
            stop.wait()
        except BaseException as error:
            self._component.crash(f"{type(error).__name__}: {error}"[:200])
            raise
        finally:
            forget_paused()
            self._observer.close(OBSERVER_SECONDS)
            letters.close()
            self._database.close()

    def _join_and_consume(self, letters: DeadLetterQueue, stop: threading.Event) -> bool:
        """Consume as a member of the group until `stop` is set. Returns True to rejoin the group instead."""
        member = Member(
            self._config, self._group, self._observer, self._on_error, exact_ends=self._kafka.exact_ends
        )
        self._member = member
        self._observer.start()
        forget_lag = metrics.LAG.add(member.lag)
        try:
            member.join(self._topics)
            return self._loop(member, letters, stop)
        finally:
            forget_lag()
            if stop.is_set():
                self._observer.ask_to_stop()
            member.close(CLOSE_SECONDS)

    def _is_waiting(self) -> float:
        return float(self._waits or self._component.is_overdue)

    def _round_bytes(self) -> int:
        """Return the most bytes that the client fetches from all assigned partitions in one round."""
        assigned = len(self._member.offsets.assigned_places) if self._member else 0
        ahead = int(self._config["queued.max.messages.kbytes"]) * 1024
        return ahead + assigned * int(self._config["fetch.message.max.bytes"])

    def _create_producer(self) -> Producer:
        timeout = int(self._dead_letter_seconds * 1000)
        return create_producer(self._kafka, f"{self._group}-dead-letters", message_timeout_ms=timeout)

    def _out_of_time(self) -> bool:
        """Return whether the grace period after `stop` is over, so that the batch must be abandoned.

        Called between transactions, which also shows that the consumer is alive.
        """
        self._component.beat()
        if not self._stop.is_set():
            return False
        self._stopping_since = self._stopping_since or time.monotonic()
        return time.monotonic() - self._stopping_since > GRACE_SECONDS

    def _loop(self, member: Member, letters: DeadLetterQueue, stop: threading.Event) -> bool:
        backoff = Backoff(random.Random())  # noqa: S311 - jitter, not a secret
        looked = 0.0
        while not stop.is_set():
            batch = member.ready()
            if not batch:
                self._progress.took(member.gather(self._batch_size, self._batch_seconds))
                batch = member.ready()
            member.turn()
            try:
                member.verify()
                if batch:
                    self._batch(member, batch, letters)
                    member.turn()
            except Halted:
                raise
            except Interrupted as error:
                log.warning("a batch was abandoned", group=self._group, reason=str(error))
                return False
            except Exception as error:
                if not is_transient(error):
                    raise
                self._wait(member, backoff.next_seconds(), error, stop)
                continue
            backoff.reset()
            self._waits = False
            if time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                if self._look(member):
                    return True
            else:
                self._component.beat()
        return False

    def _batch(self, member: Member, batch: list[KafkaMessage], letters: DeadLetterQueue) -> None:
        started = time.monotonic()
        outcome = self._work.run(batch)
        if outcome.dead:
            letters.publish(outcome.dead, self._clock())
        member.handled(batch)
        self._brake.passed(len(batch), len(outcome.dead))
        self._count(batch, outcome, time.monotonic() - started)

    def _wait(self, member: Member, seconds: float, error: Exception, stop: threading.Event) -> None:
        """Keep polling with all partitions paused, so that the group keeps its member."""
        self._component.down(f"waiting for a dependency: {type(error).__name__}: {error}"[:300])
        self._waits = True
        log.warning("paused", group=self._group, seconds=round(seconds, 2), error=str(error)[:300])
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not stop.is_set():
            member.poll_paused(min(left, 0.2))

    def _look(self, member: Member) -> bool:
        """Report and heal stalled partitions. Returns whether to rejoin the group."""
        offsets, log_bounds = member.offsets, self._observer.snapshot().log
        stalls = self._progress.look(offsets.assigned_places, offsets.positions(), log_bounds)
        self._report(stalls)
        wanted = {stall.heal for stall in stalls}
        for stall in stalls:
            if stall.heal is Heal.SEEK:
                log.error("fetching a stalled partition again", group=self._group, stall=str(stall))
                metrics.HEALS.labels(self._group, stall.heal.value).inc()
                member.seek(stall.place)
        if Heal.REJOIN in wanted:
            log.error("partitions still do not advance", group=self._group, stalls=describe(stalls))
            metrics.HEALS.labels(self._group, Heal.REJOIN.value).inc()
        return Heal.REJOIN in wanted

    def _report(self, stalls: Sequence[Stall]) -> None:
        if stalls:
            self._component.beat()
            self._component.down(f"partitions do not advance: {describe(stalls)}")
        else:
            self._component.up()
        found = {stall.place: stall for stall in stalls}
        if begun := [stall for place, stall in found.items() if place not in self._stalled]:
            log.error("partitions do not advance", group=self._group, stalls=describe(begun))
        if ended := sorted(self._stalled - found.keys()):
            log.info("partitions advance again", group=self._group, partitions=[str(each) for each in ended])
        for stall in begun:
            metrics.STALLS.labels(self._group, stall.place.topic, str(stall.place.partition)).inc()
        self._stalled = frozenset(found)
        self._report_stalled(stalls)

    def _report_stalled(self, stalls: Sequence[Stall]) -> None:
        unreachable = sum(stall.unreachable is not None for stall in stalls)
        metrics.STALLED.labels(self._group, "unreachable").set(unreachable)
        metrics.STALLED.labels(self._group, "no-progress").set(len(stalls) - unreachable)

    def _count(self, batch: Sequence[KafkaMessage], outcome: Outcome, seconds: float) -> None:
        group = self._group
        for topic, count in Counter(record.topic() for record in outcome.ignored).items():
            metrics.IGNORED.labels(group, topic).inc(count)
        for topic, count in Counter(item.message.topic for item in outcome.applied).items():
            metrics.APPLIED.labels(group, topic).inc(count)
        for letter in outcome.dead:
            metrics.DEAD_LETTERS.labels(group, letter.record.topic(), letter.reason).inc()
            log.error(
                "dead letter",
                group=group,
                reason=letter.reason,
                detail=letter.detail,
                topic=letter.record.topic(),
                partition=letter.record.partition(),
                offset=letter.record.offset(),
                dead_letter_topic=self._dead_letter_topic,
            )
        for topic, count in Counter(record.topic() for record in batch).items():
            metrics.CONSUMED.labels(group, topic).inc(count)
        metrics.BATCH_SIZE.labels(group).observe(len(batch))
        metrics.BATCH_SECONDS.labels(group).observe(seconds)
        if outcome.applied:
            oldest = min(item.message.time for item in outcome.applied)
            metrics.AGE.labels(group).observe(max(0.0, (self._clock() - oldest).total_seconds()))

    def _halt(self, reason: str) -> None:
        self._component.down(f"halted: {reason}")
        metrics.HALTED.labels(self._group).set(1)
        # It has left its group, so no assigned partition can stall.
        self._report_stalled([])
        log.error(
            "the consumer stopped itself: manual intervention required", group=self._group, reason=reason
        )

    def _on_error(self, error: KafkaError) -> None:
        if error.code() in (KafkaError._ALL_BROKERS_DOWN, KafkaError.UNKNOWN_TOPIC_OR_PART):
            self._kafka_component.down(error.str())
            self._observer.ask_now()
