"""Broker and database for a benchmark: those in the environment variables, or new ones."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from bench.events import SECRET
from bench.processes import free_port, running, wait_for
from devstack import kafka, postgres, topics
from devstack.processes import Owner
from devstack.testing.databases import Databases
from messaging.settings import KafkaSettings

T = TypeVar("T")
_MB = 1024 * 1024


class Environment:
    """Everything that a group may use; see README.md."""

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
        """The environment variables that every service needs to reach the broker."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka, "LOG_LEVEL": "warning"}

    def log(self, text: str) -> None:
        """Print progress to stderr; stdout is for the figures."""
        print(f"  {text}", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def database(self, service_dir: Path | None = None) -> Iterator[str]:
        """A new database, migrated if a service's folder is given; it is dropped afterwards."""
        dsn = self._databases.create(service_dir)
        try:
            yield dsn
        finally:
            self._databases.drop(dsn)

    def kept(self, name: str, made: contextlib.AbstractContextManager[T]) -> T:
        """Enter `made` once and share its value between all runs; it is closed after the benchmarks."""
        if name not in self._kept:
            self._kept[name] = self._end.enter_context(made)
        value: T = self._kept[name]
        return value

    def topics(self) -> None:
        """Create every missing topic of the schemas."""
        topics.create(KafkaSettings(bootstrap_servers=self.kafka), development=True)

    def close(self) -> None:
        """Close what was kept, and drop the template databases."""
        self._end.close()
        self._databases.close()


def _as_in_production() -> dict[str, str]:
    """Settings as on a server: a quarter of the memory as cache, and a large WAL between checkpoints."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MB
    return {"shared_buffers": f"{max(192, memory // 4)}MB", "max_wal_size": "16GB"}


@contextlib.contextmanager
def prepared() -> Iterator[Environment]:
    """Start the servers that are needed, and yield the environment once they answer.

    Our own database is durable (fsync on), because the cost of a commit is part of the comparison.
    """
    folder = Path(tempfile.mkdtemp(prefix="masterji-bench-"))
    folder.chmod(0o755)  # PostgreSQL runs under another account if we are root
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


@contextlib.contextmanager
def ingest_api(env: Environment) -> Iterator[int]:
    """Run webhook-ingest; yields its port."""
    port, log = free_port(), env.folder / "ingest.log"
    variables = {"STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_LIVEMODE": "false", "PORT": str(port)}
    with running(log, "-m", "webhook_ingest", "api", environment=env.variables | variables) as process:
        wait_for(f"http://127.0.0.1:{port}/health/ready", process, log)
        yield port
