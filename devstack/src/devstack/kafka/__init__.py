"""A Kafka broker on this machine: Apache Kafka if Java and Maven are available, else an in-memory broker."""

from devstack.kafka.broker import KafkaServer
from devstack.kafka.probe import answers
from devstack.kafka.server import client_settings, start

__all__ = ["KafkaServer", "answers", "client_settings", "start"]
