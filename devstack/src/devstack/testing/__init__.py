"""A pytest plugin with real servers. The root conftest.py loads it: `pytest_plugins = ["devstack.testing"]`.

Fixtures: `kafka_bootstrap`, `kafka_with_topics`, `make_topic`, `postgres_admin_dsn`, `make_database`,
`jwt_issuer`, `sandbox_url`, and `running_stack`, the whole system.

Tests use the first of these servers that is available: those of KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL (of
a superuser); containers, if a Docker engine has or can pull the image (MASTERJI_KAFKA_IMAGE,
MASTERJI_POSTGRES_IMAGE); those that `masterji` runs. A server starts when the first test needs it and stops
at the end of the test session.
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
    sandbox_url,
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
    "sandbox_url",
]
