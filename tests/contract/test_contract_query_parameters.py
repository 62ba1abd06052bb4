"""Every route of every service refuses a query parameter that it does not have."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import checkout.bootstrap
import enrollment.bootstrap
import notifications.bootstrap
import reporting.bootstrap
from processkit.health import Health
from servicekit.roles import Context, Service
from servicekit.settings import load

SERVICES = (
    checkout.bootstrap.SERVICE,
    enrollment.bootstrap.SERVICE,
    notifications.bootstrap.SERVICE,
    reporting.bootstrap.SERVICE,
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, settings_env: dict[str, str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://reader@127.0.0.1:9/none")
    for name, value in settings_env.items():
        monkeypatch.setenv(name, value)


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Return method and address of each route in the API's schema."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield method.upper(), re.sub(r"\{[^}]+\}", "x", path)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_route_refuses_an_unknown_query_parameter(service: Service) -> None:
    app = service.api(Context(load(service.settings), Health())).app
    assert isinstance(app, FastAPI)
    # Without its lifespan: nothing connects. The parameter is refused before the database is asked.
    client = TestClient(app)
    found = list(routes_of(app))
    assert len(found) >= 2
    for method, address in found:
        answer = client.request(method, address, params={"no_such_parameter": "1"})
        assert answer.status_code == 422, (method, address, answer.text)
        assert [error["field"] for error in answer.json()["errors"]] == ["query.no_such_parameter"]
