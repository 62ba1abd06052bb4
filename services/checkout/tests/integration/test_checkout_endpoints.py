"""Checkout's refresher compares the webhook endpoints at Stripe with what the services need."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from checkout_shop import Clock, Stripe
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from checkout.clients.stripe import Stripe as StripeClient
from checkout.workers.endpoints import DISABLED, MISSING, TOO_OLD, EndpointCheck
from processkit.health import Health
from processkit.metrics import Figure
from schemas.stripe.needed import NEEDED_TYPES
from stripe_sandbox.settings import API_VERSION

KEY = ("sk_test_shop", "")
OURS = "http://127.0.0.1:9/webhooks/stripe"

Exported = tuple[float | None, float | None, float | None]
"""Missing types, endpoints with too old a version, disabled endpoints."""


@pytest.fixture(autouse=True)
def _clean(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The metrics are unset, as in a new process. At the end, the endpoints are removed."""
    for figure in (MISSING, TOO_OLD, DISABLED):
        monkeypatch.setattr(figure, "_values", {})
    yield
    stripe.heal()
    for endpoint in stripe.get("/webhook_endpoints", limit=100)["data"]:
        url = f"{stripe.url}/v1/webhook_endpoints/{endpoint['id']}"
        stripe.http.delete(url, auth=KEY).raise_for_status()


def register(stripe: Stripe, *types: str, url: str = OURS, version: str = "2026-05-27.dahlia") -> str:
    data = {"url": url, "enabled_events[]": list(types or ("*",))} | (
        {"api_version": version} if version else {}
    )
    answer = stripe.http.post(f"{stripe.url}/v1/webhook_endpoints", data=data, auth=KEY)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def disable(stripe: Stripe, endpoint_id: str) -> None:
    url = f"{stripe.url}/v1/webhook_endpoints/{endpoint_id}"
    stripe.http.post(url, data={"disabled": "true"}, auth=KEY).raise_for_status()


def exported() -> Exported:
    def value(figure: Figure) -> float | None:
        return REGISTRY.get_sample_value(figure.name)

    return value(MISSING), value(TOO_OLD), value(DISABLED)


class Checking:
    """A check, as the process runs it, with its own clock."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self._url = url
        self._check = EndpointCheck(self._open, "/webhooks/stripe", Health(), self.clock)

    def _open(self) -> StripeClient:
        return StripeClient("sk_test_shop", self._url, timeout=httpx.Timeout(2.0))

    def turn(self) -> list[str]:
        """Run one turn of the worker; return the lines that it logs."""

        async def run() -> None:
            client = self._open()
            try:
                assert await self._check.once(client) is False
            finally:
                await client.close()

        with capture_logs() as lines:
            asyncio.run(run())
        return [line["event"] for line in lines]


@pytest.fixture
def check(stripe: Stripe) -> Checking:
    return Checking(stripe.url)


def test_an_endpoint_that_sends_everything_is_fine(stripe: Stripe, check: Checking) -> None:
    register(stripe)
    register(stripe, "charge.succeeded", url="http://127.0.0.1:9/crm", version="2019-03-14")
    assert check.turn() == ["the webhook endpoints at Stripe send what is needed"]
    assert exported() == (0, 0, 0)


def test_missing_event_types_are_reported(stripe: Stripe, check: Checking) -> None:
    register(stripe, *NEEDED_TYPES[2:])
    [line] = check.turn()
    assert line.startswith("no enabled webhook endpoint at Stripe sends these event types")
    assert exported() == (2, 0, 0)


def test_too_old_an_api_version_is_reported(stripe: Stripe, check: Checking) -> None:
    register(stripe, version="2023-10-16")
    [line] = check.turn()
    assert line == "webhook endpoints at Stripe have an API version before 2024-10-28: replace them"
    assert exported() == (0, 1, 0)


def test_a_disabled_endpoint_is_reported_and_sends_nothing(stripe: Stripe, check: Checking) -> None:
    disable(stripe, register(stripe))
    assert len(check.turn()) == 2
    assert exported() == (len(NEEDED_TYPES), 0, 1)


def test_an_endpoint_without_a_version_has_the_version_of_the_account(stripe: Stripe) -> None:
    register(stripe, version="")

    async def version() -> str | None:
        client = StripeClient("sk_test_shop", stripe.url)
        try:
            [found] = await client.endpoints()
            return found.version
        finally:
            await client.close()

    assert asyncio.run(version()) is None, "no event shows the account's version"
    stripe.http.post(f"{stripe.url}/v1/customers", data={"name": "A"}, auth=KEY).raise_for_status()
    assert asyncio.run(version()) == API_VERSION


def test_a_key_without_the_permission_makes_the_endpoints_unknown(stripe: Stripe, check: Checking) -> None:
    stripe.fail("/v1/webhook_endpoints", status=403, next=None)
    before = failures()
    [line] = check.turn()
    assert "give STRIPE_SECRET_KEY permission to read webhook endpoints" in line
    assert exported() == (None, None, None)
    assert failures() == before, "an alert about failed calls would be wrong"
    check.clock.offset = timedelta(hours=23)
    assert check.turn() == []
    stripe.heal()
    check.clock.offset = timedelta(hours=25)
    check.turn()
    assert exported() == (len(NEEDED_TYPES), 0, 0)


def test_an_unreachable_stripe_is_asked_again_soon(stripe: Stripe, check: Checking) -> None:
    stripe.fail("/v1/webhook_endpoints", status=503, next=None)
    assert len(check.turn()) == 1
    assert exported() == (None, None, None)
    stripe.heal()
    assert check.turn() == []
    check.clock.offset = timedelta(minutes=16)
    assert len(check.turn()) == 1
    assert exported() == (len(NEEDED_TYPES), 0, 0)


def test_what_was_known_is_unknown_once_stripe_no_longer_answers(
    stripe: Stripe, check: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    check.turn()
    assert exported() == (len(NEEDED_TYPES), 0, 0)
    stripe.fail("/v1/webhook_endpoints", status=503, next=None)
    check.clock.offset = timedelta(days=1)
    check.turn()
    # A minute later.
    for figure in (MISSING, TOO_OLD, DISABLED):
        monkeypatch.setattr(figure, "_monotonic", later(figure))
    assert exported() == (None, None, None)


def test_the_check_is_repeated_daily_and_the_metrics_stay_meanwhile(stripe: Stripe, check: Checking) -> None:
    assert len(check.turn()) == 1
    register(stripe)
    check.clock.offset = timedelta(hours=23)
    assert check.turn() == []
    assert exported() == (len(NEEDED_TYPES), 0, 0)
    check.clock.offset = timedelta(hours=25)
    check.turn()
    assert exported() == (0, 0, 0)


def failures() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "checkout_stripe_failures"
        for sample in metric.samples
    )


def later(figure: Figure) -> Callable[[], float]:
    monotonic = figure._monotonic
    return lambda: monotonic() + 61
