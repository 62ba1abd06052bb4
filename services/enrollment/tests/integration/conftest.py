"""A migrated database, and a consumer without Kafka that records and derives batches directly."""

from collections.abc import Iterator

import psycopg
import pytest
from enrollment_consumer import MIGRATIONS, Consumer


@pytest.fixture
def dsn(make_database) -> str:
    """A new database with enrollment's schema."""
    return make_database(MIGRATIONS)


@pytest.fixture
def db(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection for queries of the test."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def consumer(dsn: str) -> Iterator[Consumer]:
    """A consumer that applies messages as the runner does, at a time that the test sets."""
    with Consumer(dsn) as made:
        yield made
