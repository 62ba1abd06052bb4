"""Broker and database for a benchmark: those given by the environment, else fresh ones of our own."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from devstack import kafka, postgres, topics
from devstack.processes import Owner
from devstack.testing.databases import Databases
from messaging.settings import KafkaSettings

T = TypeVar("T")
_MB = 1024 * 1024


class Environment:
    """What a group may use; see README.md."""

    def __init__(self, bootstrap: str, admin_dsn: str, folder: Path, own_broker: bool) -> None:
        self.kafka = bootstrap
        self.folder = folder
        self.seconds = 0.0
        self.own_broker = own_broker
        self._databases = Databases(admin_dsn)
        self._kept: dict[str, Any] = {}
        self._end = contextlib.ExitStack()

    @property
    def variables(self) -> dict[str, str]:
        """What every service's process needs to reach the broker."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka, "LOG_LEVEL": "warning"}

    def log(self, text: str) -> None:
        """Progress, on stderr: stdout is for the figures."""
        print(f"  {text}", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def database(self, service_dir: Path | None = None) -> Iterator[str]:
        """A fresh database, migrated if a service's folder is given, and dropped after."""
        dsn = self._databases.create(service_dir)
        try:
            yield dsn
        finally:
            self._databases.drop(dsn)

    def kept(self, name: str, made: contextlib.AbstractContextManager[T]) -> T:
        """What `made` gives the first time, for every run; it ends with the benchmarks."""
        if name not in self._kept:
            self._kept[name] = self._end.enter_context(made)
        value: T = self._kept[name]
        return value

    def topics(self) -> None:
        """Creates every topic of the schemas that does not exist."""
        topics.create(KafkaSettings(bootstrap_servers=self.kafka), development=True)

    def close(self) -> None:
        """Drops what was kept, and the templates of the databases."""
        self._end.close()
        self._databases.close()


def _as_in_production() -> dict[str, str]:
    """What one would set on a server: a quarter of the memory for its cache, and room between checkpoints."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MB
    return {"shared_buffers": f"{max(192, memory // 4)}MB", "max_wal_size": "16GB"}


@contextlib.contextmanager
def prepared() -> Iterator[Environment]:
    """The environment, once its servers answer.

    A database of our own is durable (fsync on), since a commit's cost is part of what is compared.
    """
    folder = Path(tempfile.mkdtemp(prefix="masterji-bench-"))
    folder.chmod(0o755)  # PostgreSQL runs under another account when we are root
    with Owner() as owner:
        bootstrap, dsn = os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), os.environ.get("DATABASE_URL")
        own_broker = not bootstrap
        if not bootstrap:
            server = kafka.start(owner, folder / "kafka", say=lambda line: print(line, file=sys.stderr))
            os.environ.update(kafka.client_settings(server))
            bootstrap = server.bootstrap
        if not dsn:
            dsn = postgres.start(owner, folder / "postgres", settings=_as_in_production()).admin_dsn
        environment = Environment(bootstrap, dsn, folder, own_broker)
        try:
            environment.topics()
            yield environment
        finally:
            environment.close()
            shutil.rmtree(folder, ignore_errors=True)
