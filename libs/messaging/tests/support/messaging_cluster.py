"""A cluster of several brokers inside the test's process: librdkafka's own mock, controlled from here.

The client under test is the real one; groups, leaders and offsets are those of the mock. It starts in
milliseconds, so that hundreds of sequences of faults can be run. What the mock does not have (a real log, a
broker's disk) is tested on Apache Kafka.

Source: librdkafka's src/rdkafka_mock.h.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import confluent_kafka

_PRODUCER = 0
_HANDLE = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "rd_kafka_conf_new": (_HANDLE, []),
    "rd_kafka_conf_set": (
        ctypes.c_int,
        [_HANDLE, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t],
    ),
    "rd_kafka_new": (_HANDLE, [ctypes.c_int, _HANDLE, ctypes.c_char_p, ctypes.c_size_t]),
    "rd_kafka_destroy": (None, [_HANDLE]),
    "rd_kafka_mock_cluster_new": (_HANDLE, [_HANDLE, ctypes.c_int]),
    "rd_kafka_mock_cluster_destroy": (None, [_HANDLE]),
    "rd_kafka_mock_cluster_bootstraps": (ctypes.c_char_p, [_HANDLE]),
    "rd_kafka_mock_topic_create": (
        ctypes.c_int,
        [_HANDLE, ctypes.c_char_p, ctypes.c_int, ctypes.c_int],
    ),
    "rd_kafka_mock_partition_set_leader": (
        ctypes.c_int,
        [_HANDLE, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32],
    ),
    "rd_kafka_mock_coordinator_set": (
        ctypes.c_int,
        [_HANDLE, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int32],
    ),
    "rd_kafka_mock_broker_set_down": (ctypes.c_int, [_HANDLE, ctypes.c_int32]),
    "rd_kafka_mock_broker_set_up": (ctypes.c_int, [_HANDLE, ctypes.c_int32]),
    "rd_kafka_mock_broker_set_rtt": (ctypes.c_int, [_HANDLE, ctypes.c_int32, ctypes.c_int]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [_HANDLE, ctypes.c_int32]),
    "rd_kafka_mock_set_group_consumer_session_timeout_ms": (None, [_HANDLE, ctypes.c_int]),
    "rd_kafka_mock_set_group_consumer_heartbeat_interval_ms": (None, [_HANDLE, ctypes.c_int]),
}
SESSION_MS = 1_000
HEARTBEAT_MS = 100
BROKERS = 3


def _library() -> ctypes.CDLL:
    """Return the library that the Python client has loaded from its wheel."""
    folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    (path,) = folder.glob("librdkafka*.so*")
    library = ctypes.CDLL(str(path))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Cluster:
    """Brokers 1 to `BROKERS`. Topics have one replica; leaders can be moved and removed."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        error = ctypes.create_string_buffer(512)
        config = library.rd_kafka_conf_new()
        # The handle of the cluster has no brokers of its own and would report that on stderr.
        library.rd_kafka_conf_set(config, b"log_level", b"0", error, len(error))
        self._client = library.rd_kafka_new(_PRODUCER, config, error, len(error))
        assert self._client, error.value
        self._cluster = library.rd_kafka_mock_cluster_new(self._client, BROKERS)
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        library.rd_kafka_mock_set_group_consumer_session_timeout_ms(self._cluster, SESSION_MS)
        library.rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(self._cluster, HEARTBEAT_MS)
        self.bootstrap: str = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def create_topic(self, name: str, partitions: int) -> None:
        """Create a topic whose partitions are led by the brokers in turn."""
        self._call("topic_create", name.encode(), partitions, 1)
        for partition in range(partitions):
            self.lead(name, partition, partition % BROKERS + 1)

    def lead(self, topic: str, partition: int, broker: int | None) -> None:
        """Let a broker lead the partition; None: no broker leads it."""
        self._call("partition_set_leader", topic.encode(), partition, -1 if broker is None else broker)

    def coordinate(self, group: str, broker: int) -> None:
        """Let a broker be the group's coordinator."""
        self._call("coordinator_set", b"group", group.encode(), broker)

    def stop(self, broker: int) -> None:
        """Close the broker's connections and refuse new ones; its data remain."""
        self._call("broker_set_down", broker)

    def start(self, broker: int) -> None:
        """Let the broker answer again."""
        self._call("broker_set_up", broker)

    def delay(self, broker: int, milliseconds: int) -> None:
        """Delay every answer of the broker by this long."""
        self._call("broker_set_rtt", broker, milliseconds)

    def close(self) -> None:
        """Destroy the cluster."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)

    def _call(self, name: str, *arguments: Any) -> None:
        error = getattr(self._library, f"rd_kafka_mock_{name}")(self._cluster, *arguments)
        assert error == 0, (name, arguments, error)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Open a cluster for the block."""
    running = Cluster(_library())
    try:
        yield running
    finally:
        running.close()
