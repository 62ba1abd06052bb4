"""Consumers of one group on a small cluster, and random sequences of faults for them."""

from __future__ import annotations

import itertools
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any

from messaging_cluster import BROKERS, HEARTBEAT_MS, SESSION_MS, Cluster
from messaging_effects import until
from messaging_parcels import message
from messaging_workers import Running

from messaging.eventset.event import Event
from messaging.message import Message, OutgoingMessage
from messaging.producer import create_producer
from messaging.runtime.log_bounds import LogReader
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.errors import Transient
from processkit.health import Health
from processkit.postgres.database import Session

PARTITIONS = 4
FREEZE_SECONDS = 1.5 * SESSION_MS / 1000


class Ledger:
    """Takes events for all members of the group; on request it fails like an unavailable database."""

    def __init__(self) -> None:
        self.recorded: set[str] = set()
        self.derived: set[str] = set()
        self.unavailable: str | None = None
        self._frozen_until = 0.0

    def freeze(self, seconds: float) -> None:
        """Let the next batches take so long that the group removes the member."""
        self._frozen_until = time.monotonic() + seconds

    def decode(self, sent: Message) -> Event | None:
        return Event(sent.id, sent.type, sent.created, {})

    def record(self, _tx: Session, events: Sequence[Event]) -> None:
        time.sleep(max(0.0, self._frozen_until - time.monotonic()))
        self._fail("record")
        self.recorded.update(event.id for event in events)

    def derive(self, _tx: Session, events: Sequence[Event]) -> None:
        self._fail("derive")
        self.derived.update(event.id for event in events)

    def derive_failed(self, _tx: Session, events: Sequence[Event], error: BaseException) -> None:
        raise AssertionError(f"no derivation fails here: {error}")

    def _fail(self, step: str) -> None:
        if self.unavailable == step:
            raise Transient(f"the database is unavailable for {step}")


class Group:
    """A consumer group of zero or more members, what was published to it, and its faults."""

    def __init__(self, cluster: Cluster, dsn: str, protocol: str, *, stall_seconds: float = 60.0) -> None:
        self.cluster = cluster
        self.name = f"group-{uuid.uuid4().hex[:8]}"
        self.topic = f"t.{uuid.uuid4().hex[:8]}"
        self._dead_letters = f"{self.topic}.dlq"
        cluster.create_topic(self.topic, PARTITIONS)
        cluster.create_topic(self._dead_letters, 1)
        # The group's coordinator is a broker that is not stopped: without one, no group does anything.
        cluster.coordinate(self.name, BROKERS)
        timing: dict[str, Any] = {"max.poll.interval.ms": SESSION_MS}
        if protocol == "classic":
            timing |= {"session.timeout.ms": SESSION_MS, "heartbeat.interval.ms": HEARTBEAT_MS}
        else:
            timing["max.poll.interval.ms"] = 2 * SESSION_MS
        self.kafka = KafkaSettings.model_validate(
            {
                "bootstrap_servers": cluster.bootstrap,
                "group_protocol": protocol,
                "consumer_config": timing | {"log_level": 0, "reconnect.backoff.max.ms": 200},
                "stall_seconds": stall_seconds,
            }
        )
        self._dsn = dsn
        self.ledger = Ledger()
        self.members: list[Running] = []
        self.published: list[OutgoingMessage] = []
        self._producer = create_producer(self.kafka, "tests", reconnect_backoff_max_ms=200)
        self._producer.list_topics(timeout=10)
        self._reader = LogReader(self.kafka, self.name, "tests")
        self._numbers = itertools.count()

    def join(self) -> Running:
        """Start one more consumer."""
        health = Health()
        runner = ConsumerRunner(
            kafka=self.kafka,
            group_id=self.name,
            topics=[self.topic],
            dead_letter_topic=self._dead_letters,
            handler=self.ledger,
            dsn=self._dsn,
            health=health,
        )
        self.members.append(Running(runner.run, health))
        return self.members[-1]

    def leave(self, index: int) -> None:
        """Stop a consumer, and wait until it has left the group."""
        self.members.pop(index).stop()

    def publish(self, each: int = 3, partitions: Sequence[int] = range(PARTITIONS)) -> None:
        """Publish some messages to each of the partitions."""
        for partition in partitions:
            for _ in range(each):
                sent = message(self.topic, f"m{next(self._numbers)}", {"customer": "c"})
                self._producer.produce(
                    sent.topic, value=sent.value, headers=sent.kafka_headers(), partition=partition
                )
                self.published.append(sent)
        assert self._producer.flush(30) == 0, "the cluster did not accept the messages"

    def missing(self) -> set[str]:
        """Return the published messages that no member has handled."""
        return {sent.id for sent in self.published} - self.ledger.derived

    def said(self) -> list[dict[str, str]]:
        """Return what each member reports to health."""
        return [member.health.ready()[1] for member in self.members]

    def at_the_end(self) -> bool:
        """Return whether the group has committed all messages of its topic."""
        places, _ = self._reader.partitions([self.topic])
        ends = {place: bounds.high for place, bounds in self._reader.bounds(places).known.items()}
        return len(ends) == PARTITIONS and self._reader.committed(places, 5.0) == ends

    def check(self, seconds: float = 20.0) -> None:
        """Assert that everything is handled and committed, and that every member is healthy."""
        until(lambda: not self.missing(), seconds, lambda: f"not handled: {self.missing()}; {self.said()}")
        until(self.at_the_end, seconds, lambda: f"not committed; {self.said()}")
        ready = lambda: all(member.health.ready()[0] for member in self.members)  # noqa: E731
        until(ready, seconds, lambda: f"not ready: {self.said()}")

    def stop(self) -> None:
        for member in self.members:
            member.ask_to_stop()
        for member in self.members:
            member.stop()
        self._reader.close()
        # A producer without its cluster would try to find it again and again.
        del self._producer


def steps(group: Group, chance: random.Random) -> list[str]:
    """Run one random sequence of faults; return its steps, for the message of a failure."""
    done: list[str] = []

    def outage() -> None:
        group.ledger.unavailable = chance.choice(["record", "derive"])

    def recovery() -> None:
        group.ledger.unavailable = None

    def join() -> None:
        if len(group.members) < 3:
            group.join()

    def leave() -> None:
        if len(group.members) > 1:
            group.leave(chance.randrange(len(group.members)))

    def stop_broker() -> None:
        group.cluster.stop(chance.randint(1, BROKERS - 1))

    def start_brokers() -> None:
        for broker in range(1, BROKERS):
            group.cluster.start(broker)

    def freeze() -> None:
        group.ledger.freeze(FREEZE_SECONDS)

    def publish_some() -> None:
        start_brokers()
        group.publish(each=chance.randint(1, 4))

    def move_leader() -> None:
        group.cluster.lead(group.topic, chance.randrange(PARTITIONS), chance.randint(1, BROKERS))

    faults = [outage, recovery, join, leave, stop_broker, start_brokers, freeze, publish_some, move_leader]
    played = [chance.choice(faults) for _ in range(chance.randint(4, 8))]
    # A pause that begins before a rebalance and ends after it, with the other faults in between.
    for step in (outage, join, recovery, leave):
        played.insert(chance.randint(0, len(played)), step)
    if chance.random() < 0.5:
        where = sorted(chance.sample(range(len(played) + 1), 4))
        for step, index in zip((outage, join, recovery, leave), where, strict=True):
            played.insert(index, step)
    for step in played:
        done.append(step.__name__)
        step()
        pause = chance.choice([0.0, 0.05, 0.3, 0.8])
        done.append(f"{pause} s")
        time.sleep(pause)
    recovery()
    start_brokers()
    return done
