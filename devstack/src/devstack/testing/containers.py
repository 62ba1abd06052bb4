"""Servers in containers, where a Docker engine answers."""

import os
from typing import Any

from devstack import ports, postgres, waiting
from devstack.errors import Unavailable
from devstack.kafka import KafkaServer, probe
from devstack.kafka.broker import GROUP_SETTINGS
from devstack.postgres import PostgresServer

KAFKA_IMAGE = "apache/kafka:4.4.0"
POSTGRES_IMAGE = "postgres:18"


def kafka() -> KafkaServer:
    """One KRaft node in a container of MASTERJI_KAFKA_IMAGE; Unavailable without engine or image."""
    # The port is bound by number, since a broker must tell its clients the port that they see.
    port = ports.pick()
    container = _container("MASTERJI_KAFKA_IMAGE", KAFKA_IMAGE, 9092, port)
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://{ports.LOOPBACK}:{port}",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        **{name.upper().replace(".", "_"): value for name, value in GROUP_SETTINGS.items()},
    }
    for name, value in settings.items():
        container.with_env(f"KAFKA_{name}", value)
    container.start()
    bootstrap = f"{ports.LOOPBACK}:{port}"
    _ready(container, lambda: probe.answers(bootstrap), f"Kafka did not answer on {bootstrap}")
    return KafkaServer(bootstrap, "container", None, container.stop)


def postgresql() -> PostgresServer:
    """PostgreSQL in a container of MASTERJI_POSTGRES_IMAGE; Unavailable without engine or image."""
    port = ports.pick()
    container = _container("MASTERJI_POSTGRES_IMAGE", POSTGRES_IMAGE, 5432, port)
    container.with_env("POSTGRES_HOST_AUTH_METHOD", "trust").with_command(
        "postgres -c fsync=off -c synchronous_commit=off -c max_connections=300"
    )
    container.start()
    dsn = f"postgresql://postgres@{ports.LOOPBACK}:{port}/postgres"
    _ready(container, lambda: postgres.answers(dsn), f"PostgreSQL did not answer on port {port}")
    return PostgresServer(dsn, None, container.stop)


def _ready(container: Any, answers: Any, sentence: str) -> None:
    try:
        waiting.until(
            answers, 60, lambda: f"{sentence}; its container wrote:\n{_logs(container)}", interval=0.2
        )
    except BaseException:
        container.stop()
        raise


def _logs(container: Any) -> str:
    return "\n".join(part.decode(errors="replace")[-2000:] for part in container.get_logs())


def _container(variable: str, default: str, inside: int, port: int) -> Any:
    image = os.environ.get(variable, default)
    try:
        import docker
        import docker.errors
        from testcontainers.core.container import DockerContainer
    except ImportError as missing:
        raise Unavailable(f"the package {missing.name} is not installed") from missing
    try:
        engine = docker.from_env(timeout=5)
        engine.ping()
    except docker.errors.DockerException as away:
        raise Unavailable("no Docker engine answers") from away
    try:
        engine.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            docker.from_env(timeout=300).images.pull(image)
        except docker.errors.DockerException as refused:
            raise Unavailable(f"the image {image} is not here and cannot be pulled") from refused
    # Ryuk, testcontainers' own janitor, is one more image to pull; the session's end stops the containers.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    container = DockerContainer(image)
    # `with_bind_ports` takes no address and opens the port to the network, which is asked for no password.
    # What it fills in goes to Docker's SDK as it is, and that takes (address, port) too.
    published: dict[str, Any] = container.ports
    published[str(inside)] = (ports.LOOPBACK, port)
    return container
