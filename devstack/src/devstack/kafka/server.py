"""Choosing and starting a broker."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from devstack.errors import DevstackError, Unavailable
from devstack.processes import Child, Owner

Kind = Literal["given", "container", "apache", "tansu"]


@dataclass
class KafkaServer:
    """A broker that answers; `child` is there when this process started it as a process."""

    bootstrap: str
    kind: Kind
    child: Child | None = None
    stop: Callable[[], object] = field(default=lambda: None, repr=False)

    @property
    def is_apache(self) -> bool:
        """Whether it speaks the whole Kafka protocol (KIP-848 groups, topic settings, transactions)."""
        return self.kind != "tansu"


def client_settings(server: KafkaServer) -> Mapping[str, str]:
    """Environment for the clients of this broker."""
    settings = {"KAFKA_BOOTSTRAP_SERVERS": server.bootstrap}
    if server.kind == "tansu":
        # With librdkafka's default session timeout of 45 s, consumer groups on Tansu were seen to stall.
        settings |= {
            "KAFKA_GROUP_PROTOCOL": "classic",
            "KAFKA_CONSUMER_CONFIG": '{"session.timeout.ms": 6000}',
            # It says of some partitions that they end one or two records before the last one.
            "KAFKA_EXACT_ENDS": "false",
        }
    return settings


def start(
    owner: Owner, folder: Path, port: int | None = None, say: Callable[[str], None] | None = None
) -> KafkaServer:
    """Start Apache Kafka in `folder`, or the in-memory fallback with a warning, and wait until it answers."""
    from devstack.kafka import apache, tansu

    warn = say or (lambda line: print(line, file=sys.stderr))
    wanted = os.environ.get("MASTERJI_BROKER")
    if wanted == "tansu":  # to see, where Java is installed, what others will see
        return tansu.start(owner, folder, port)
    if wanted:
        raise DevstackError("MASTERJI_BROKER is wrong: it must be tansu, or empty for Apache Kafka.")
    try:
        jars = apache.resolve(warn)
    except Unavailable as missing:
        warn(f"warning: {missing}")
        warn(
            "warning: using the Tansu broker instead: it keeps everything in memory, speaks only the classic "
            "group protocol, and is for demonstrations only. Install Java 17+ and Maven for Apache Kafka."
        )
        return tansu.start(owner, folder, port)
    return apache.start(owner, folder, jars, port)
