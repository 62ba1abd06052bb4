"""The fixtures; see devstack.testing."""

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from devstack import kafka, postgres, topics
from devstack.errors import Unavailable
from devstack.kafka import KafkaServer
from devstack.postgres import PostgresServer
from devstack.processes import Owner
from devstack.testing import containers, issuer, sandbox, stack
from devstack.testing.databases import Databases
from devstack.testing.folders import open_folder
from devstack.testing.report import APACHE_KAFKA, leave_out
from devstack.testing.stack import RunningStack
from devstack.tokens import TokenIssuer
from messaging.operations.topics import wait_until_listed
from messaging.settings import KafkaSettings

MakeTopic = Callable[..., str]
MakeDatabase = Callable[..., str]

Server = TypeVar("Server", KafkaServer, PostgresServer)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


@pytest.fixture(scope="session")
def masterji_owner() -> Iterator[Owner]:
    """Owns the processes of this test session. They end with it, even if it is killed."""
    with Owner() as owner:
        yield owner


@pytest.fixture(scope="session")
def _server_folder() -> Iterator[Path]:
    with open_folder("masterji-tests-") as folder:
        yield folder


def _start(
    request: pytest.FixtureRequest,
    in_container: Callable[[], Server],
    as_process: Callable[[Owner, Path], Server],
) -> Server:
    try:
        return in_container()
    except Unavailable:
        return as_process(
            request.getfixturevalue("masterji_owner"), request.getfixturevalue("_server_folder")
        )


@pytest.fixture(scope="session")
def kafka_server(request: pytest.FixtureRequest) -> Iterator[KafkaServer]:
    """The session's broker. Clients take its settings from the environment."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield KafkaServer(given, "given")
        return
    server = _start(
        request,
        containers.kafka,
        lambda owner, folder: kafka.start(owner, folder / "kafka", say=_say),
    )
    with pytest.MonkeyPatch.context() as environment:
        for name, value in kafka.client_settings(server).items():
            environment.setenv(name, value)
        yield server
    server.stop()


@pytest.fixture(autouse=True)
def require_apache_kafka(request: pytest.FixtureRequest) -> None:
    """Skip a test marked `kafka_protocol` if only the in-memory broker is available."""
    if request.node.get_closest_marker("kafka_protocol") is None:
        return
    server: KafkaServer = request.getfixturevalue("kafka_server")
    if not server.is_apache:
        leave_out(APACHE_KAFKA)


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka_server: KafkaServer) -> str:
    """The broker's address, as HOST:PORT."""
    return kafka_server.bootstrap


@pytest.fixture(scope="session")
def kafka_with_topics(kafka_bootstrap: str) -> str:
    """The broker's address, after the services' topics were created."""
    topics.create(KafkaSettings(bootstrap_servers=kafka_bootstrap), development=True)
    return kafka_bootstrap


@pytest.fixture
def make_topic(kafka_bootstrap: str) -> Iterator[MakeTopic]:
    """`make_topic(partitions=1, name="t", config={}) -> name`: a new topic with a unique name."""
    admin = AdminClient({"bootstrap.servers": kafka_bootstrap, "log_level": 0})
    created: list[str] = []

    def make(partitions: int = 1, name: str = "t", config: dict[str, str] | None = None) -> str:
        topic = f"{name}.{uuid.uuid4().hex[:12]}"
        request = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config or {})
        admin.create_topics([request])[topic].result(timeout=30)
        created.append(topic)
        wait_until_listed(admin, [topic])
        return topic

    yield make
    if created:
        for deletion in admin.delete_topics(created).values():
            deletion.exception(timeout=30)  # the test may have deleted the topic


@pytest.fixture(scope="session")
def postgres_admin_dsn(request: pytest.FixtureRequest) -> Iterator[str]:
    """The DSN of a superuser."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    server = _start(
        request,
        containers.postgresql,
        lambda owner, folder: postgres.start(owner, folder / "postgres", durable=False),
    )
    yield server.admin_dsn
    server.stop()


@pytest.fixture(scope="session")
def _databases(postgres_admin_dsn: str) -> Iterator[Databases]:
    databases = Databases(postgres_admin_dsn)
    yield databases
    databases.close()


@pytest.fixture
def make_database(_databases: Databases) -> Iterator[MakeDatabase]:
    """`make_database(migrations_dir=None) -> dsn`: a new, migrated database, dropped after the test."""
    created: list[str] = []

    def make(migrations_dir: Path | None = None) -> str:
        dsn = _databases.create(migrations_dir)
        created.append(dsn)
        return dsn

    yield make
    for dsn in created:
        _databases.drop(dsn)


@pytest.fixture(scope="session")
def jwt_issuer() -> Iterator[TokenIssuer]:
    """A token issuer: `.settings_env` for a service that trusts it, and `.token(user, email, roles=())`."""
    with issuer.serve() as running:
        yield running


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a Stripe sandbox."""
    with sandbox.serve() as url:
        yield url


@pytest.fixture(scope="session")
def running_stack() -> Iterator[RunningStack]:
    """The whole system, as `masterji up` runs it, shared by all tests of the session."""
    with stack.run() as running:
        yield running
