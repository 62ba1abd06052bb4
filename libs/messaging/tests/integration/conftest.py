"""The parcel service (see support/) on real servers."""

import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

SUPPORT = Path(__file__).parents[1] / "support"
sys.path.insert(0, str(SUPPORT))

from messaging_effects import Effects  # noqa: E402 - the folder is put on the path above
from messaging_parcels import ParcelHandler, derivation, migrate  # noqa: E402

from messaging.health import Health  # noqa: E402
from messaging.producer import create_producer  # noqa: E402
from messaging.relay import Relay  # noqa: E402
from messaging.runner import ConsumerRunner  # noqa: E402
from messaging.settings import KafkaSettings  # noqa: E402


@dataclass
class Service:
    """One parcel service: its topics, its database, and the workers that a test starts."""

    kafka: KafkaSettings
    dsn: str
    topic: str
    dead_letters: str
    effects: Effects
    group: str = field(default_factory=lambda: f"parcels-{uuid.uuid4().hex[:8]}")
    _running: list["Running"] = field(default_factory=list)

    @property
    def announcements(self) -> str:
        return self.effects.announcements

    def handler(self) -> ParcelHandler:
        return ParcelHandler(derivation(self.announcements))

    def consumer(self, handler: Any = None, **options: Any) -> "Running":
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
        health = Health()
        create = options.pop("create_producer", lambda: create_producer(self.kafka, "relay"))
        return self.start(Relay(options.pop("dsn", self.dsn), create, health, **options).run, health)

    def start(self, run: Callable[[threading.Event], None], health: Health) -> "Running":
        running = Running(run, health)
        self._running.append(running)
        return running

    def stop(self) -> None:
        for running in self._running:
            running.stop()


class Running:
    """A worker in a thread. A crash of it fails the test that stops it."""

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
        """What a part says of itself."""
        return self.health.ready()[1].get(name, "")

    def stop(self, seconds: float = 15.0) -> None:
        self._event.set()
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the worker did not stop"
        if self.error is not None:
            raise self.error


@pytest.fixture(scope="session")
def parcels_template(postgres_admin_dsn: str, _databases: Any) -> Iterator[str]:
    """A migrated database to copy."""
    dsn = _databases.create(None)
    migrate(dsn)
    yield dsn
    _databases.drop(dsn)


@pytest.fixture
def parcels_dsn(parcels_template: str, postgres_admin_dsn: str, _databases: Any) -> Iterator[str]:
    """A fresh database of the parcel service."""
    from devstack.testing.databases import with_database

    name = f"test_{uuid.uuid4().hex[:16]}"
    template = psycopg.conninfo.conninfo_to_dict(parcels_template)["dbname"]
    with psycopg.connect(postgres_admin_dsn, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    dsn = with_database(postgres_admin_dsn, name)
    yield dsn
    _databases.drop(dsn)


@pytest.fixture
def kafka_settings(kafka_bootstrap: str) -> KafkaSettings:
    """Settings of the session's broker."""
    return KafkaSettings(bootstrap_servers=kafka_bootstrap)


@pytest.fixture
def service(
    kafka_settings: KafkaSettings, parcels_dsn: str, make_topic: Callable[..., str]
) -> Iterator[Service]:
    """A parcel service with a topic of four partitions; whatever it started is stopped at the end."""
    effects = Effects(kafka_settings, parcels_dsn, make_topic(2, "announcements"))
    made = Service(kafka_settings, parcels_dsn, make_topic(4, "parcels"), make_topic(1, "dlq"), effects)
    yield made
    made.stop()
