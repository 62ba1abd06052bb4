"""Checks whether a broker accepts clients."""

from collections.abc import Callable
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from devstack import places, waiting


def answers(bootstrap: str, seconds: float = 1.0) -> bool:
    """Whether the broker returns its metadata within `seconds`."""
    # By default librdkafka writes each refused connection to standard error.
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
    try:
        return bool(admin.list_topics(timeout=seconds).brokers)
    except KafkaException:
        return False


def wait(bootstrap: str, seconds: float, log: Path, gone: Callable[[], bool]) -> None:
    """Wait until the broker answers. Raises DevstackError, with the end of its log, if it does not."""
    waiting.until(
        lambda: answers(bootstrap),
        seconds,
        lambda: f"Kafka did not answer on {bootstrap}. The end of {log}:\n{places.tail(log)}",
        gone,
    )
