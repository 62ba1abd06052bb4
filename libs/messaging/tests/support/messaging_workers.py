"""The workers of one parcel service, in threads and processes."""

import json
import sys
import threading
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from messaging_effects import Effects, committed, until
from messaging_parcels import ParcelHandler, derivation

from devstack.processes import Child, Owner
from messaging.message import OutgoingMessage
from messaging.outbox.relay import Relay
from messaging.producer import create_producer
from messaging.runtime.handler import Handler
from messaging.runtime.runner import ConsumerRunner
from messaging.settings import KafkaSettings
from processkit.health import Health

SUPPORT = Path(__file__).parent


@dataclass
class Service:
    """One parcel service: its topics, its database, and the workers that a test starts."""

    kafka: KafkaSettings
    dsn: str
    topic: str
    dead_letters: str
    effects: Effects
    owner: Owner
    log: IO[bytes]
    group: str = field(default_factory=lambda: f"parcels-{uuid.uuid4().hex[:8]}")
    _running: list["Running"] = field(default_factory=list)
    _children: list[Child] = field(default_factory=list)

    @property
    def announcements(self) -> str:
        return self.effects.announcements

    def handler(self) -> ParcelHandler:
        return ParcelHandler(derivation(self.announcements))

    def at_the_end(self) -> bool:
        """Return whether the group has committed all messages of its topic."""
        position, end = committed(self.kafka, self.group, self.topic)
        return position == end

    def consumer(self, handler: Handler | None = None, **options: Any) -> "Running":
        """Start a consumer in a thread."""
        health = options.pop("health", None) or Health()
        values = {
            "kafka": self.kafka,
            "group_id": self.group,
            "topics": [self.topic],
            "dead_letter_topic": self.dead_letters,
            "handler": handler or self.handler(),
            "dsn": self.dsn,
            "health": health,
        }
        return self.start(ConsumerRunner(**(values | options)).run, health)

    def relay(self, **options: Any) -> "Running":
        """Start a relay in a thread."""
        health = options.pop("health", None) or Health()
        create = options.pop("create_producer", lambda: create_producer(self.kafka, "relay"))
        return self.start(Relay(options.pop("dsn", self.dsn), create, health, **options).run, health)

    def process(self, role: str = "consumer", **settings: Any) -> Child:
        """Start a worker as a process; pytest shows its log on a failure."""
        values = {
            "role": role,
            "kafka": self.kafka.bootstrap_servers,
            "dsn": self.dsn,
            "topic": self.topic,
            "dead_letters": self.dead_letters,
            "announcements": self.announcements,
            "group": self.group,
        }
        command = [sys.executable, SUPPORT / "messaging_service.py", json.dumps(values | settings)]
        child = self.owner.spawn(role, command, output=self.log)
        self._children.append(child)
        return child

    def start(self, run: Callable[[threading.Event], None], health: Health) -> "Running":
        running = Running(run, health)
        self._running.append(running)
        return running

    def finish(
        self, messages: Collection[OutgoingMessage], seconds: float = 30.0, process: Child | None = None
    ) -> None:
        """Wait until all is consumed and published, stop, and assert that nothing was lost or repeated.

        A given process must end when it is asked to.
        """
        self.effects.wait_for(messages, seconds)
        until(self.at_the_end, 30)
        until(lambda: self.effects.unpublished() == 0)
        if process is not None:
            assert process.stop() == 0
        self.stop()
        self.effects.check(messages)
        self.effects.check_announced()

    def stop(self) -> None:
        for child in self._children:
            child.kill()
        for running in self._running:
            running.stop()


class Running:
    """A worker in a thread. If it crashed, the test that stops it fails."""

    def __init__(self, run: Callable[[threading.Event], None], health: Health) -> None:
        self.health = health
        self.error: BaseException | None = None
        self._event = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(run,), daemon=True)
        self._thread.start()

    def _run(self, run: Callable[[threading.Event], None]) -> None:
        try:
            run(self._event)
        except BaseException as error:  # noqa: BLE001 - raised again by stop()
            self.error = error

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def said(self, name: str) -> str:
        """Return what a component reports to health."""
        return self.health.ready()[1].get(name, "")

    def ask_to_stop(self) -> None:
        self._event.set()

    def stop(self, seconds: float = 20.0) -> None:
        self.ask_to_stop()
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the worker did not stop"
        if self.error is not None:
            raise self.error


MakeService = Callable[..., Service]
"""Takes Kafka's settings, a DSN, `make_topic` and the number of partitions."""

RunCommand = Callable[..., tuple[int, str, str]]
"""Takes the words of a command; returns its exit code, stdout and stderr."""
