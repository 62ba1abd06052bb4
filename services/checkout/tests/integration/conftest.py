"""A running shop: checkout's own server, a real Postgres, and the real Stripe sandbox as Stripe."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sandbox_openapi_requests
from checkout_duplicates import bought_twice
from checkout_shop import SERVICE, Clock, Shop, Stripe, serving, settings_of

from checkout.settings import ApiSettings
from checkout.store.tables import METADATA
from devstack import loopback
from devstack.testing.databases import Databases
from devstack.tokens import TokenIssuer


@pytest.fixture
def stripe(sandbox_url: str) -> Iterator[Stripe]:
    with loopback.client(timeout=30) as http:
        sandbox = Stripe(sandbox_url, http)
        sandbox.control("/reset")
        yield sandbox
        # Whatever the test was about: nothing was asked that Stripe itself would not take.
        sandbox_openapi_requests.check_all(sandbox_url)


@pytest.fixture(scope="session")
def _open_shop(
    _databases: Databases, jwt_issuer: TokenIssuer, sandbox_url: str
) -> Iterator[tuple[ApiSettings, Clock]]:
    """One server and one database for all tests; each finds the tables empty."""
    settings, clock = settings_of(_databases.create(SERVICE), sandbox_url, jwt_issuer), Clock()
    try:
        with serving(settings, clock):
            yield settings, clock
    finally:
        _databases.drop(settings.database_url)


@pytest.fixture
def shop(_open_shop: tuple[ApiSettings, Clock], jwt_issuer: TokenIssuer, stripe: Stripe) -> Iterator[Shop]:
    """A shop with one course on sale and nothing else."""
    settings, clock = _open_shop
    clock.offset = timedelta()
    with loopback.client(base_url=settings.app_url, timeout=30) as http:
        running = Shop(settings.app_url, settings.database_url, http, stripe, clock, jwt_issuer, settings)
        running.execute(f"truncate {', '.join(METADATA.tables)}")
        running.course()
        running.execute("delete from outbox")
        yield running


@pytest.fixture
def twice(shop: Shop) -> tuple[str, str]:
    """Two paid orders of usr_asha for one course, the first and the later."""
    first, later = bought_twice(shop)
    shop.deliver()
    assert [shop.order(order)["state"] for order in (first, later)] == ["paid", "paid"]
    return first, later


@pytest.fixture
def visitor(shop: Shop) -> Iterator[httpx.Client]:
    """A visitor: keeps cookies, follows no redirect automatically."""
    accept = {"Accept": "text/html,application/xhtml+xml"}
    with loopback.client(base_url=shop.url, headers=accept, timeout=30) as client:
        yield client
