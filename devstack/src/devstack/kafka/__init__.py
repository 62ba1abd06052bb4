"""A Kafka broker on this machine: Apache Kafka where it can run, else an in-memory stand-in."""

from devstack.kafka.probe import answers
from devstack.kafka.server import KafkaServer, client_settings, start

__all__ = ["KafkaServer", "answers", "client_settings", "start"]
