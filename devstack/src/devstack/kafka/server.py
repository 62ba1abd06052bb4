"""Chooses a broker for this machine and starts it."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from devstack.errors import DevstackError, Unavailable
from devstack.kafka import apache, tansu
from devstack.kafka.broker import KafkaServer
from devstack.processes import Owner


def client_settings(server: KafkaServer) -> Mapping[str, str]:
    """Return the environment variables that clients of this broker need."""
    settings = {"KAFKA_BOOTSTRAP_SERVERS": server.bootstrap}
    if server.kind == "tansu":
        # With librdkafka's default session timeout of 45 s, consumer groups on Tansu were seen to stall.
        settings |= {
            "KAFKA_GROUP_PROTOCOL": "classic",
            "KAFKA_CONSUMER_CONFIG": '{"session.timeout.ms": 6000}',
            # For some partitions it reports an end that is one or two records too low.
            "KAFKA_EXACT_ENDS": "false",
        }
    return settings


def start(
    owner: Owner, folder: Path, port: int | None = None, say: Callable[[str], None] | None = None
) -> KafkaServer:
    """Start Apache Kafka in `folder`, or the in-memory fallback with a warning, and wait until it is ready.

    MASTERJI_BROKER=tansu forces the fallback, to reproduce what machines without Java see.
    """
    warn = say or (lambda line: print(line, file=sys.stderr))
    wanted = os.environ.get("MASTERJI_BROKER")
    if wanted == "tansu":
        return tansu.start(owner, folder, port)
    if wanted:
        raise DevstackError("MASTERJI_BROKER is invalid: set it to tansu, or unset it for Apache Kafka.")
    try:
        jars = apache.resolve(warn)
    except Unavailable as missing:
        warn(f"warning: {missing}")
        warn(
            "warning: using the Tansu broker instead. It keeps all data in memory, supports only the classic "
            "group protocol, and is meant for demonstrations. Install Java 17+ and Maven to run Apache Kafka."
        )
        return tansu.start(owner, folder, port)
    return apache.start(owner, folder, jars, port)
