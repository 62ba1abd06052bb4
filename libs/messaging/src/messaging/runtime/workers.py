"""The workers of every service that consumes, by name: its consumer, its relay, and those that watch both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from messaging.eventset.clock import ClockWorker
from messaging.eventset.derivation import Derivation
from messaging.outbox.backlog import outbox_watch
from messaging.outbox.relay import Relay
from messaging.producer import create_producer
from messaging.runtime.group_watch import GroupWatch
from messaging.runtime.handler import Handler
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.health import Health
from processkit.loop import Worker


class HasDatabase(Protocol):
    """Settings with the address of a database."""

    @property
    def database_direct_url(self) -> str: ...


class Context(Protocol):
    """What a service makes its workers from."""

    @property
    def settings(self) -> HasDatabase: ...
    @property
    def health(self) -> Health: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...


@dataclass(frozen=True)
class Group:
    """The consumer group of a service, and what it reads."""

    name: str
    topics: Sequence[str]
    dead_letter_topic: str

    def consumer(
        self, context: Context, kafka: KafkaSettings, handler: Handler, *, batch_size: int = 1000
    ) -> Mapping[str, Worker]:
        """Return the worker that consumes the topics."""
        runner = ConsumerRunner(
            kafka=kafka,
            group_id=self.name,
            topics=self.topics,
            dead_letter_topic=self.dead_letter_topic,
            handler=handler,
            dsn=context.settings.database_direct_url,
            health=context.health,
            clock=context.clock,
            batch_size=batch_size,
        )
        return {"consumer": runner.run}

    def clock(
        self, context: Context, kafka: KafkaSettings, derivation: Derivation[Any]
    ) -> Mapping[str, Worker]:
        """Return the workers that derive what is due, retry failed derivations, and watch the group.

        They need no consumer in the same process: an alert must not depend on the role that it reports on.
        """
        clock = ClockWorker(derivation, context.settings.database_direct_url, context.health)
        watch = GroupWatch(kafka, self.name, self.topics, context.health)
        return {"clock": clock.run, "group-watch": watch.run}


def outbox(context: Context) -> Mapping[str, Worker]:
    """Return the worker that measures the outbox's backlog, to run beside the relay and in one more role."""
    return {"outbox": outbox_watch(context.settings.database_direct_url, context.health).run}


def relay(context: Context, kafka: KafkaSettings, name: str) -> Mapping[str, Worker]:
    """Return the workers that publish the outbox, with a producer of that name, and measure its backlog."""
    worker = Relay(context.settings.database_direct_url, lambda: create_producer(kafka, name), context.health)
    return {"relay": worker.run, **outbox(context)}
