"""The consumer: polls batches, hands them to the work, and lets offsets pass only after the commits.

One thread, one consumer, one database connection. A batch that a neighbour's absence holds up stays in
memory while polling goes on, so that the group keeps its member; a rebalance takes its share out of it.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as KafkaMessage

from messaging import metrics
from messaging.backoff import Backoff, Brake
from messaging.clock import utc_now
from messaging.database import Database
from messaging.dead_letters import DeadLetterQueue
from messaging.errors import ConfigurationError, Halted, Interrupted, Kind, classify
from messaging.handler import Handler
from messaging.health import RENEW_SECONDS, Health
from messaging.offsets import Offsets, Place, place_of
from messaging.producer import create_producer
from messaging.settings import KafkaSettings
from messaging.work import BatchWork, Outcome

log = structlog.stdlib.get_logger(__name__)

IDLE_SECONDS = 0.5
OBSERVE_SECONDS = 5.0
CLOSE_SECONDS = 3.0
# After SIGTERM a batch may take this long; with CLOSE_SECONDS the process ends within 10 s.
GRACE_SECONDS = 5.0
MAX_BATCH_BYTES = 16 * 1024 * 1024


class ConsumerRunner:
    """Runs one handler in one consumer group until stopped.

    `batch_size` bounds a batch in messages, `batch_seconds` how long it is gathered once the first
    message is there. `max_attempts` bounds the tries of a message that fails for an unknown reason, and
    `dead_letter_seconds` how long the broker may take to accept dead letters before the batch is repeated.
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
        self._kafka_component = health.component("kafka")
        self._pending: list[KafkaMessage] = []
        self._waits = False
        self._stop = threading.Event()
        self._stopping_since: float | None = None
        self._config = kafka.consumer(group_id, group_id)

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set. A batch under way is finished first; then the group is left.

        Raises ConfigurationError when the client refuses the settings. When the consumer halts, it leaves
        the group, says why in its health, and waits for `stop`.
        """
        self._stop = stop
        metrics.HALTED.labels(self._group).set(0)
        # Asked for at each scrape: a thread that hangs in the database could not set it.
        metrics.PAUSED.labels(self._group).set_function(self._is_waiting)
        consumer = self._create_consumer()
        letters = DeadLetterQueue(
            self._create_producer,
            self._dead_letter_topic,
            self._group,
            delivery_seconds=self._dead_letter_seconds + 3,
        )
        self._offsets = Offsets(consumer, self._group, exact_ends=self._kafka.exact_ends)
        try:
            consumer.subscribe(
                self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
            )
            self._loop(consumer, letters, stop)
        except Halted as error:
            self._halt(str(error))
            self._close(consumer)
            stop.wait()
        except BaseException as error:
            self._component.crash(f"{type(error).__name__}: {error}"[:200])
            raise
        finally:
            self._close(consumer)
            letters.close()
            self._database.close()

    def _is_waiting(self) -> float:
        return float(self._waits or self._component.is_overdue)

    def _create_consumer(self) -> Consumer:
        try:
            return Consumer(self._config | {"error_cb": self._on_error, "on_commit": self._on_commit})
        except KafkaException as error:
            raise ConfigurationError(
                f"The Kafka client refuses its settings: {error.args[0].str()}. "
                "Mend KAFKA_CONSUMER_CONFIG or the KAFKA_ variable that it names."
            ) from error

    def _create_producer(self) -> Producer:
        timeout = int(self._dead_letter_seconds * 1000)
        return create_producer(self._kafka, f"{self._group}-dead-letters", message_timeout_ms=timeout)

    def _out_of_time(self) -> bool:
        """Whether the stop was asked for so long ago that a batch must be given up.

        The work asks between its transactions, which is a sign of life.
        """
        self._component.beat()
        if not self._stop.is_set():
            return False
        self._stopping_since = self._stopping_since or time.monotonic()
        return time.monotonic() - self._stopping_since > GRACE_SECONDS

    def _loop(self, consumer: Consumer, letters: DeadLetterQueue, stop: threading.Event) -> None:
        backoff = Backoff(random.Random())  # noqa: S311 - jitter, not a secret
        observed = probed = 0.0
        while not stop.is_set():
            now = time.monotonic()
            if not self._kafka_component.is_up and now - probed > 1.0:
                probed = now
                self._probe(consumer)
            if now - observed > OBSERVE_SECONDS:
                observed = now
                self._offsets.observe()
            if not self._pending:
                self._pending = self._gather(consumer)
            self._offsets.commit()
            try:
                self._offsets.verify()
                if self._pending:
                    self._batch(letters)
                    # Only what has been handled leaves; a rebalance may have taken its share before.
                    self._pending = []
                    self._offsets.commit()
            except Halted:
                raise
            except Interrupted as error:
                log.warning("a batch was given up", group=self._group, reason=str(error))
                return
            except Exception as error:
                if classify(error) not in (Kind.TRANSIENT, Kind.CONFLICT):
                    raise
                self._wait(consumer, backoff.next_seconds(), error, stop)
            else:
                backoff.reset()
                self._component.up()
                self._waits = False

    def _gather(self, consumer: Consumer) -> list[KafkaMessage]:
        """Wait for a message, then take what follows within `batch_seconds`, up to the bounds."""
        first = consumer.poll(IDLE_SECONDS)
        if first is None:
            return []
        records = self._sound([first])
        size = sum(len(record) for record in records)
        deadline = time.monotonic() + self._batch_seconds
        while len(records) < self._batch_size and size < MAX_BATCH_BYTES:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            more = consumer.consume(min(250, self._batch_size - len(records)), timeout=left)
            if not more:
                break
            more = self._sound(more)
            size += sum(len(record) for record in more)
            records.extend(more)
        return [record for record in records if self._offsets.is_assigned(place_of(record))]

    def _batch(self, letters: DeadLetterQueue) -> None:
        started = time.monotonic()
        self._offsets.check_gaps(self._pending)
        outcome = self._work.run(self._pending)
        if outcome.dead:
            letters.publish(outcome.dead, self._clock())
        self._offsets.passed(self._pending)
        self._brake.passed(len(self._pending), len(outcome.dead))
        self._count(outcome, time.monotonic() - started)

    def _wait(self, consumer: Consumer, seconds: float, error: Exception, stop: threading.Event) -> None:
        """Pause all partitions and go on polling, so that the group keeps its member."""
        self._component.down(f"waiting for a neighbour: {type(error).__name__}: {error}"[:300])
        self._waits = True
        log.warning("paused", group=self._group, seconds=round(seconds, 2), error=str(error)[:300])
        deadline = time.monotonic() + seconds
        consumer.pause(consumer.assignment())
        while (left := deadline - time.monotonic()) > 0 and not stop.is_set():
            record = consumer.poll(min(left, 0.2))
            if record is not None:
                # A partition assigned meanwhile: its message joins the batch, and it is paused too.
                self._pending.extend(self._sound([record]))
                consumer.pause(consumer.assignment())
        consumer.resume(consumer.assignment())

    def _sound(self, records: Sequence[KafkaMessage]) -> list[KafkaMessage]:
        """Drop the consumer's error events, after saying what they mean. Raises Halted on a fatal one."""
        sound = []
        for record in records:
            error = record.error()
            if error is None:
                sound.append(record)
            else:
                self._on_error(error)
        return sound

    def _probe(self, consumer: Consumer) -> None:
        try:
            known = consumer.list_topics(timeout=2.0).topics
        except KafkaException as error:
            self._kafka_component.down(f"Kafka does not answer: {error}"[:200])
            return
        wanted = (*self._topics, self._dead_letter_topic)
        missing = [topic for topic in wanted if topic not in known]
        refused = [f"{name}: {known[name].error}" for name in wanted if name in known and known[name].error]
        if missing:
            self._kafka_component.down(f"topics are missing, create them: {', '.join(missing)}")
        elif refused:
            self._kafka_component.down("; ".join(refused)[:300])
        else:
            self._kafka_component.up()

    def _count(self, outcome: Outcome, seconds: float) -> None:
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
        for topic, count in Counter(record.topic() for record in self._pending).items():
            metrics.CONSUMED.labels(group, topic).inc(count)
        metrics.BATCH_SIZE.labels(group).observe(len(self._pending))
        metrics.BATCH_SECONDS.labels(group).observe(seconds)
        if outcome.applied:
            oldest = min(item.message.time for item in outcome.applied)
            metrics.AGE.labels(group).observe(max(0.0, (self._clock() - oldest).total_seconds()))

    def _halt(self, reason: str) -> None:
        self._component.down(f"halted: {reason}")
        metrics.HALTED.labels(self._group).set(1)
        log.error("the consumer stopped itself and wants a person", group=self._group, reason=reason)

    def _close(self, consumer: Consumer) -> None:
        if self._offsets.closed:
            return
        try:
            self._offsets.finish(CLOSE_SECONDS)
        except (Halted, KafkaException) as error:
            # A fatal error of the client: what it could not commit is repeated.
            log.warning("offsets may not be committed", group=self._group, error=str(error))
        consumer.close()

    # Callbacks: the client calls them inside poll, consume and close, on this thread.

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._offsets.assigned(partitions)
        log.info("assigned", group=self._group, partitions=_names(partitions))

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._offsets.revoked(partitions)
        self._forget(partitions)

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._offsets.lost(partitions)
        self._forget(partitions)

    def _forget(self, partitions: list[TopicPartition]) -> None:
        gone = {Place(partition.topic, partition.partition) for partition in partitions}
        self._pending = [record for record in self._pending if place_of(record) not in gone]
        log.info("revoked", group=self._group, partitions=_names(partitions))

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self._offsets.committed(error, partitions)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            raise Halted(f"the Kafka client gave up: {error.str()}")
        if error.code() == KafkaError._PARTITION_EOF:
            return
        if error.code() in (KafkaError._ALL_BROKERS_DOWN, KafkaError.UNKNOWN_TOPIC_OR_PART):
            self._kafka_component.down(error.str())
        log.warning("kafka", group=self._group, error=error.str(), code=error.name())


def _names(partitions: Sequence[TopicPartition]) -> list[str]:
    return [f"{partition.topic}/{partition.partition}" for partition in partitions]
