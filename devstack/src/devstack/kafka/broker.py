"""What every kind of broker has in common: how it is described, and its consumer-group settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from devstack.processes import Child

Kind = Literal["given", "container", "apache", "tansu"]

GROUP_SETTINGS = {
    "group.consumer.heartbeat.interval.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "500",
    "group.consumer.session.timeout.ms": "10000",
    "group.consumer.min.session.timeout.ms": "5000",
}
"""The partitions of a killed consumer move to another one after 10 s instead of Kafka's default of 45 s.
The broker decides this for groups of the new protocol (KIP-848)."""


@dataclass
class KafkaServer:
    """A broker that accepts clients. `child` is set if this process started the broker as a child process."""

    bootstrap: str
    kind: Kind
    child: Child | None = None
    stop: Callable[[], object] = field(default=lambda: None, repr=False)

    @property
    def is_apache(self) -> bool:
        """Whether it supports the whole Kafka protocol (KIP-848 groups, topic settings, transactions)."""
        return self.kind != "tansu"
