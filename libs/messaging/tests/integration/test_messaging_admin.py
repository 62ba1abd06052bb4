"""Topics are created once, and missing or unsafe ones are reported."""

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

from messaging.operations.topics import (
    TopicSpec,
    check_offsets,
    check_topics,
    create_topics,
    wait_until_listed,
)
from messaging.settings import KafkaSettings

pytestmark = pytest.mark.kafka_protocol


@pytest.fixture
def name(kafka_bootstrap: str) -> Iterator[str]:
    topic = f"admin.{uuid.uuid4().hex[:12]}"
    yield topic
    client = AdminClient({"bootstrap.servers": kafka_bootstrap})
    client.delete_topics([topic])[topic].exception(timeout=20)


def test_a_topic_is_created_once_with_the_given_settings(kafka_settings: KafkaSettings, name: str) -> None:
    wanted = [TopicSpec(name, 3, {"retention.ms": "86400000", "cleanup.policy": "delete"})]
    assert check_topics(kafka_settings, wanted, replicated=False) == [f"{name}: missing, create it"]
    assert create_topics(kafka_settings, wanted, replication_factor=1, min_insync_replicas=1) == [name]
    assert create_topics(kafka_settings, wanted, replication_factor=1, min_insync_replicas=1) == []
    assert check_topics(kafka_settings, wanted, replicated=False) == []


def test_a_topic_that_no_broker_lists_is_named(kafka_bootstrap: str) -> None:
    with pytest.raises(KafkaException, match=r"no broker lists them .*: another\.one, never\.created"):
        wait_until_listed(
            AdminClient({"bootstrap.servers": kafka_bootstrap}), ["never.created", "another.one"], seconds=0
        )


def test_an_unreachable_broker_is_reported_with_the_reason() -> None:
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    with pytest.raises(KafkaException, match="Connection refused"):
        check_topics(nowhere, [TopicSpec("orders", 1)], replicated=False)


def test_an_untrusted_certificate_is_reported(certificate: Path) -> None:
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
        with client, contextlib.suppress(OSError):  # the client closes the connection, as expected
            served.wrap_socket(client, server_side=True).close()


def test_unsafe_topic_settings_are_reported(kafka_settings: KafkaSettings, name: str) -> None:
    made = TopicSpec(name, 1, {"retention.ms": "1000"})
    create_topics(kafka_settings, [made], replication_factor=1, min_insync_replicas=1)
    wanted = TopicSpec(name, 2, {"retention.ms": "86400000"})
    assert check_topics(kafka_settings, [wanted], replicated=True) == [
        f"{name}: 1 partitions, must be 2",
        f"{name}: retention.ms is 1000, must be 86400000",
        f"{name}: replication factor 1, must be at least 3",
        f"{name}: min.insync.replicas is below 2: the loss of one broker loses messages",
    ]


def test_a_broker_whose_offsets_expire_before_the_messages_is_named(kafka_settings: KafkaSettings) -> None:
    assert check_offsets(kafka_settings, longest_retention=timedelta(0)) == []
    (said,) = check_offsets(kafka_settings, longest_retention=timedelta(days=1000))
    assert "offsets.retention.minutes is " in said
    assert "must be more than 1440000: a stopped group" in said
