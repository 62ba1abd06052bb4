"""A migrated database, the service around it, and an SMTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from notifications_service import MIGRATIONS, START, Clock, Service, SmtpServer


@pytest.fixture
def clock() -> Clock:
    return Clock(START + timedelta(hours=2))


@pytest.fixture
def dsn(make_database: Callable[..., str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
def service(dsn: str, clock: Clock) -> Iterator[Service]:
    service = Service(dsn, clock)
    yield service
    service.database.close()


@pytest.fixture
def new_service(make_database: Callable[..., str], clock: Clock) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def make(**options: Any) -> Service:
        made.append(Service(make_database(MIGRATIONS), clock, **options))
        return made[-1]

    yield make
    for service in made:
        service.database.close()


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()
