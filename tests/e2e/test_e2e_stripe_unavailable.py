"""Stripe is unavailable or slow while a session is created."""

from collections.abc import Callable, Iterator

import httpx
import invariants
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack


@pytest.fixture(autouse=True)
def _recovery(running_stack: RunningStack) -> Iterator[None]:
    yield
    running_stack.client.control("DELETE", "/faults")


@pytest.fixture
def expect_purchase(
    buyer: User, course: str, buy: Callable[[User, str], Json], expect_access: Callable[[User, str], None]
) -> Callable[[], None]:
    """Buy the course, and wait for access to it."""

    def expect() -> None:
        buy(buyer, course)
        expect_access(buyer, course)

    return expect


@pytest.mark.parametrize("fault", [{"status": 500}, {"delay_ms": 3000}], ids=["failure", "slow"])
def test_one_failure_or_slow_response_of_stripe_is_invisible_to_the_buyer(
    running_stack: RunningStack, expect_purchase: Callable[[], None], fault: dict[str, int]
) -> None:
    running_stack.client.control("POST", "/faults", {**fault, "next": 1, "path": "/v1/checkout/sessions"})
    expect_purchase()


def test_an_outage_of_stripe_is_reported_and_a_later_request_succeeds(
    running_stack: RunningStack, buyer: User, course: str, expect_purchase: Callable[[], None]
) -> None:
    client = running_stack.client
    client.control("POST", "/faults", {"status": 503, "next": None})
    with pytest.raises(httpx.HTTPStatusError) as refused:
        client.checkout(buyer, course)
    assert refused.value.response.status_code in (502, 503)
    assert refused.value.response.headers["content-type"].startswith("application/problem+json")
    client.control("DELETE", "/faults")
    expect_purchase()


def test_a_lost_response_creates_no_second_session(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    """Stripe created the session, but its response was lost: the same key must return the same session."""
    client = running_stack.client
    before = len(invariants.stripe_list(running_stack, "checkout/sessions"))
    client.control(
        "POST", "/faults", {"status": 500, "next": 1, "path": "/v1/checkout/sessions", "after": True}
    )
    client.checkout(buyer, course)
    assert len(invariants.stripe_list(running_stack, "checkout/sessions")) == before + 1
