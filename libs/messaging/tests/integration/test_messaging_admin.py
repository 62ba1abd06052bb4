"""Topics are created once, and what is missing or unsafe is said in a sentence."""

import contextlib
import socket
import ssl
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from messaging.operations.topics import TopicSpec, check_offsets, check_topics, create_topics, wait_until_told
from messaging.settings import KafkaSettings

pytestmark = pytest.mark.kafka_protocol


@pytest.fixture
def name(kafka_bootstrap: str) -> Iterator[str]:
    topic = f"admin.{uuid.uuid4().hex[:12]}"
    yield topic
    client = AdminClient({"bootstrap.servers": kafka_bootstrap})
    client.delete_topics([topic])[topic].exception(timeout=20)


def test_a_topic_is_created_once_and_is_as_wanted(kafka_settings: KafkaSettings, name: str) -> None:
    wanted = [TopicSpec(name, 3, {"retention.ms": "86400000", "cleanup.policy": "delete"})]
    assert check_topics(kafka_settings, wanted, replicated=False) == [f"{name}: missing, create it"]
    assert create_topics(kafka_settings, wanted, replication_factor=1, min_insync_replicas=1) == [name]
    assert create_topics(kafka_settings, wanted, replication_factor=1, min_insync_replicas=1) == []
    assert check_topics(kafka_settings, wanted, replicated=False) == []


def test_a_topic_that_no_broker_tells_of_is_named(kafka_bootstrap: str) -> None:
    with pytest.raises(KafkaException, match=r"no broker tells of them .*: another\.one, nobody\.made\.it"):
        wait_until_told(
            AdminClient({"bootstrap.servers": kafka_bootstrap}), ["nobody.made.it", "another.one"], seconds=0
        )


def test_why_a_broker_cannot_be_reached_is_said() -> None:
    nobody = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    with pytest.raises(KafkaException, match="Connection refused"):
        check_topics(nobody, [TopicSpec("orders", 1)], replicated=False)


def test_a_certificate_that_nobody_vouches_for_is_named(certificate: Path) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    with ThreadPoolExecutor(max_workers=1) as pool, socket.create_server(("127.0.0.1", 0)) as listener:
        pool.submit(_greet, listener, served)
        broker = KafkaSettings(
            bootstrap_servers=f"127.0.0.1:{listener.getsockname()[1]}", security_protocol="SSL"
        )
        with pytest.raises(KafkaException, match="certificate verify failed"):
            check_topics(broker, [TopicSpec("orders", 1)], replicated=False)
        listener.shutdown(socket.SHUT_RDWR)


def _greet(listener: socket.socket, served: ssl.SSLContext) -> None:
    """Greet each client with TLS, until the listener is shut down."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client, contextlib.suppress(OSError):  # the client hangs up: that is the test
            served.wrap_socket(client, server_side=True).close()


def test_what_is_unsafe_is_said(kafka_settings: KafkaSettings, name: str) -> None:
    made = TopicSpec(name, 1, {"retention.ms": "1000"})
    create_topics(kafka_settings, [made], replication_factor=1, min_insync_replicas=1)
    wanted = TopicSpec(name, 2, {"retention.ms": "86400000"})
    assert check_topics(kafka_settings, [wanted], replicated=True) == [
        f"{name}: 1 partitions, wants 2",
        f"{name}: retention.ms is 1000, wants 86400000",
        f"{name}: replication factor 1, wants at least 3",
        f"{name}: min.insync.replicas is below 2: one broker's loss loses messages",
    ]


def test_a_broker_that_forgets_groups_before_their_messages_is_named(kafka_settings: KafkaSettings) -> None:
    assert check_offsets(kafka_settings, longest_retention=timedelta(0)) == []
    (said,) = check_offsets(kafka_settings, longest_retention=timedelta(days=1000))
    assert "offsets.retention.minutes is " in said
    assert "wants more than 1440000: a group that stands still" in said
