"""A migrated database, and a consumer without Kafka: batches go straight through record and derive."""

from collections.abc import Iterator

import psycopg
import pytest
from enrollment_consumer import MIGRATIONS, Consumer


@pytest.fixture
def dsn(make_database) -> str:
    """A fresh database of enrollment's."""
    return make_database(MIGRATIONS)


@pytest.fixture
def db(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection to look with."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def consumer(dsn: str) -> Iterator[Consumer]:
    """Applies messages as the runner does, at a time that the test sets."""
    with Consumer(dsn) as made:
        yield made
