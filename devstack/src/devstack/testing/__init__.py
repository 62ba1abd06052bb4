"""A pytest plugin with real servers; the root conftest.py loads it: `pytest_plugins = ["devstack.testing"]`.

Fixtures: `kafka_bootstrap`, `kafka_with_topics`, `make_topic`, `postgres_admin_dsn`, `make_database`,
`jwt_issuer`, and `running_stack`, the whole system.

Servers are taken in this order: given ones (KAFKA_BOOTSTRAP_SERVERS; DATABASE_URL of a superuser), containers
where a Docker engine answers and has or can pull the image (MASTERJI_KAFKA_IMAGE, MASTERJI_POSTGRES_IMAGE),
then those that `masterji` runs. Each is started once a session, when the first test asks, and ends with it.
"""

from devstack.testing.certificate import certificate
from devstack.testing.fixtures import (
    _databases,
    _server_folder,
    jwt_issuer,
    kafka_bootstrap,
    kafka_server,
    kafka_with_topics,
    make_database,
    make_topic,
    masterji_owner,
    postgres_admin_dsn,
    require_apache_kafka,
    running_stack,
)
from devstack.testing.report import pytest_terminal_summary

__all__ = [
    "_databases",
    "_server_folder",
    "certificate",
    "jwt_issuer",
    "kafka_bootstrap",
    "kafka_server",
    "kafka_with_topics",
    "make_database",
    "make_topic",
    "masterji_owner",
    "postgres_admin_dsn",
    "pytest_terminal_summary",
    "require_apache_kafka",
    "running_stack",
]
