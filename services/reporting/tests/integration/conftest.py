"""A migrated database, the service around it, and its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from reporting_service import MIGRATIONS, Caller, Service

from devstack.tokens import TokenIssuer
from processkit.health import Health
from reporting import bootstrap
from reporting.settings import Settings
from servicekit.roles import Context


@pytest.fixture
def service(make_database: Callable[..., str]) -> Iterator[Service]:
    service = Service(make_database(MIGRATIONS))
    yield service
    service.database.close()


@pytest.fixture
def api(service: Service, jwt_issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    for name, value in jwt_issuer.settings_env.items():
        monkeypatch.setenv(name, value)
    settings = Settings(database_url=service.dsn)
    with TestClient(bootstrap.api(Context(settings, Health())).app) as http:
        yield Caller(http, jwt_issuer)
