"""Starts servers in containers, if a Docker engine is available."""

import os
from collections.abc import Callable
from typing import Any

from devstack import ports, postgres, waiting
from devstack.errors import Unavailable
from devstack.kafka import KafkaServer, probe
from devstack.kafka.broker import GROUP_SETTINGS
from devstack.postgres import PostgresServer

KAFKA_IMAGE = "apache/kafka:4.4.0"
POSTGRES_IMAGE = "postgres:18"


def kafka() -> KafkaServer:
    """Start one KRaft node in a container of MASTERJI_KAFKA_IMAGE. Raises Unavailable."""
    # The port is chosen here, because the broker must advertise the port that its clients connect to.
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
    _wait_ready(container, lambda: probe.answers(bootstrap), f"Kafka did not answer on {bootstrap}")
    return KafkaServer(bootstrap, "container", None, container.stop)


def postgresql() -> PostgresServer:
    """Start PostgreSQL in a container of MASTERJI_POSTGRES_IMAGE. Raises Unavailable."""
    port = ports.pick()
    container = _container("MASTERJI_POSTGRES_IMAGE", POSTGRES_IMAGE, 5432, port)
    container.with_env("POSTGRES_HOST_AUTH_METHOD", "trust").with_command(
        "postgres -c fsync=off -c synchronous_commit=off -c max_connections=300"
    )
    container.start()
    dsn = f"postgresql://postgres@{ports.LOOPBACK}:{port}/postgres"
    _wait_ready(container, lambda: postgres.answers(dsn), f"PostgreSQL did not answer on port {port}")
    return PostgresServer(dsn, None, container.stop)


def _wait_ready(container: Any, answers: Callable[[], bool], failure: str) -> None:
    try:
        waiting.until(
            answers, 60, lambda: f"{failure}. The container's log:\n{_logs(container)}", interval=0.2
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
    except docker.errors.DockerException as error:
        raise Unavailable("no Docker engine is available") from error
    try:
        engine.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            docker.from_env(timeout=300).images.pull(image)
        except docker.errors.DockerException as error:
            raise Unavailable(f"the image {image} does not exist locally and cannot be pulled") from error
    # The test session stops its containers. Ryuk, testcontainers' cleanup, would be another image to pull.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    container = DockerContainer(image)
    # `with_bind_ports` accepts no address and would expose the port, which needs no password, to the network.
    # Docker's SDK receives this dict unchanged and accepts (address, port).
    published: dict[str, Any] = container.ports
    published[str(inside)] = (ports.LOOPBACK, port)
    return container
