"""A migrated database, the service around it, and an SMTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from notifications_service import MIGRATIONS, START, Caller, Clock, Service, SmtpServer
from pydantic import SecretStr

from devstack.tokens import TokenIssuer
from notifications import bootstrap
from notifications.settings import Settings
from processkit.health import Health
from servicekit.roles import Context


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
def api(service: Service, jwt_issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    for name, value in jwt_issuer.settings_env.items():
        monkeypatch.setenv(name, value)
    settings = Settings(
        database_url=service.dsn,
        app_url="https://learn.example.com",
        smtp_url=SecretStr("smtp://127.0.0.1:1"),
        mail_from="hello@example.com",
    )
    with TestClient(bootstrap.api(Context(settings, Health())).app) as http:
        yield Caller(http, jwt_issuer)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()
