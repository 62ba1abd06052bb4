"""The ingest as its own process, and a reader of what it wrote to Kafka."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from devstack import loopback
from schemas.topics import TOPICS

SECRETS = "whsec_being_rolled,whsec_current"
UNREACHABLE = "127.0.0.1:1"


@dataclass
class Ingest:
    process: subprocess.Popen[bytes]
    port: int
    client: httpx.Client

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, body: bytes, signature: str, **options: object) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        return self.client.post(
            f"{self.url}/webhooks/stripe",
            content=body,
            headers=headers | dict(options.pop("headers", {})),
        )

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=12)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def run_ingest(bootstrap: str, log: Path) -> Iterator[Ingest]:
    port = _free_port()
    environment = os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "STRIPE_WEBHOOK_SECRET": SECRETS,
        "STRIPE_LIVEMODE": "false",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "webhook_ingest", "api"]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process,
        loopback.client(timeout=20) as client,
    ):
        ingest = Ingest(process, port, client)
        try:
            _wait_until_live(ingest, log)
            yield ingest
        finally:
            if process.poll() is None:
                ingest.stop()


def _wait_until_live(ingest: Ingest, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert ingest.process.poll() is None, log.read_text()
        with contextlib.suppress(httpx.TransportError):
            if ingest.client.get(f"{ingest.url}/health/live").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"not live within 30 s: {log.read_text()}")


@pytest.fixture(scope="session")
def stripe_topics(kafka_bootstrap: str) -> str:
    """The broker's address, once every topic of the ingest exists there."""
    admin = AdminClient({"bootstrap.servers": kafka_bootstrap})
    wanted = [topic for topic in TOPICS.values() if "webhook-ingest" in topic.producers]
    made = admin.create_topics(
        [NewTopic(topic.name, num_partitions=topic.partitions, config=topic.config()) for topic in wanted]
    )
    for future in made.values():
        with contextlib.suppress(KafkaException):  # it exists already
            future.result()
    return kafka_bootstrap


@pytest.fixture(scope="module")
def ingest(stripe_topics: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with run_ingest(stripe_topics, tmp_path_factory.mktemp("ingest") / "log") as running:
        yield running


@pytest.fixture
def new_ingest(stripe_topics: str, tmp_path: Path) -> Iterator[Ingest]:
    """One of its own, for a test that stops it."""
    with run_ingest(stripe_topics, tmp_path / "log") as running:
        yield running


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    """An ingest whose brokers cannot be reached."""
    with run_ingest(UNREACHABLE, tmp_path_factory.mktemp("ingest") / "log") as running:
        yield running


@pytest.fixture
def published(stripe_topics: str) -> Iterator[Callable[[str, str], list[Message]]]:
    """`published(topic, event_id)`: every message of that id that is in the topic now."""
    settings = {"group.id": "ingest-test", "enable.auto.commit": False, "fetch.wait.max.ms": 20}
    consumer = Consumer({"bootstrap.servers": stripe_topics, **settings})

    def read(topic: str, event_id: str) -> list[Message]:
        ends = {}
        for partition in range(TOPICS[topic].partitions):
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            if high > low:
                ends[partition] = high
        # The newest 200 of each partition: others use this broker too.
        consumer.assign([TopicPartition(topic, number, max(0, end - 200)) for number, end in ends.items()])
        found = []
        while ends:
            message = consumer.poll(10)
            assert message is not None, f"{topic} cannot be read to its end: {ends}"
            assert message.error() is None
            if dict(message.headers() or []).get("ce_id") == event_id.encode():
                found.append(message)
            if message.offset() + 1 >= ends.get(message.partition(), 0):
                ends.pop(message.partition(), None)
        return found

    yield read
    consumer.close()
