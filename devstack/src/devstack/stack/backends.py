"""The broker and the database of a stack, and the topics and schemas that the services need in them."""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from devstack import kafka, postgres, topics
from devstack.errors import DevstackError
from devstack.kafka import KafkaServer
from devstack.postgres import PostgresServer
from devstack.processes import Child, Owner
from devstack.stack import databases
from devstack.stack.managed import Managed
from devstack.stack.plan import Plan
from messaging.settings import KafkaSettings


class Backends:
    """Starts the servers of one plan. `managed` lists those that are processes of this stack."""

    def __init__(self, plan: Plan, owner: Owner, folder: Path, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._owner = owner
        self._folder = folder
        self._say = say
        self.managed: list[Managed] = []

    def start(self) -> KafkaServer:
        """Start both in parallel, wait until they are ready, and return the broker. Raises DevstackError."""
        with ThreadPoolExecutor() as pool:
            broker, database = pool.submit(self._start_kafka), pool.submit(self._start_postgres)
            database.result()
            return broker.result()

    def prepare(self, settings: Mapping[str, str]) -> None:
        """Create the topics and migrate the databases, in parallel."""
        databases.ensure(self._plan)
        with ThreadPoolExecutor() as pool:
            created = pool.submit(topics.create, _kafka_settings(settings), development=True)
            migrated = pool.submit(databases.migrate, self._plan)
            new = created.result()
            migrated.result()
        self._say(
            f"databases are migrated; {len(new)} topics were created" if new else "databases are migrated"
        )

    def _start_kafka(self) -> KafkaServer:
        given = self._plan.given_kafka
        if given:
            if not kafka.answers(given, 10):
                raise DevstackError(f"KAFKA_BOOTSTRAP_SERVERS={given} does not answer.")
            return KafkaServer(given, "given")
        port, folder = self._plan.ports["kafka"], self._folder / "kafka"
        server = kafka.start(self._owner, folder, port, say=self._say)
        self._keep("kafka", server, lambda: kafka.start(self._owner, folder, port))
        return server

    def _start_postgres(self) -> None:
        if not self._plan.own_postgres:
            return
        port, folder = self._plan.ports["postgres"], self._folder / "postgres"
        server = postgres.start(self._owner, folder, port)
        self._keep("postgres", server, lambda: postgres.start(self._owner, folder, port))

    def _keep(
        self,
        name: str,
        server: KafkaServer | PostgresServer,
        again: Callable[[], KafkaServer | PostgresServer],
    ) -> None:
        managed = Managed(name, lambda: _child(again()), lambda: True, wanted=True, child=_child(server))
        managed.started_at = time.monotonic()
        self.managed.append(managed)


def _child(server: KafkaServer | PostgresServer) -> Child:
    assert server.child is not None, "this stack did not start the server"
    return server.child


def _kafka_settings(environment: Mapping[str, str]) -> KafkaSettings:
    values: dict[str, Any] = {
        name.removeprefix("KAFKA_").lower(): value for name, value in environment.items()
    }
    if "consumer_config" in values:
        values["consumer_config"] = json.loads(values["consumer_config"])
    return KafkaSettings(**values)
