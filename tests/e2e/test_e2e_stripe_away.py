"""Stripe is down or slow while a payment page is asked for."""

from collections.abc import Iterator

import httpx
import invariants
import pytest

from devstack.client import User
from devstack.testing.stack import RunningStack


@pytest.fixture(autouse=True)
def _recovery(running_stack: RunningStack) -> Iterator[None]:
    yield
    running_stack.client.control("DELETE", "/faults")


def test_a_short_failure_of_stripe_is_not_seen_by_the_buyer(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    client.control("POST", "/faults", {"status": 500, "next": 1, "path": "/v1/checkout/sessions"})
    order = client.checkout(buyer, course)
    assert client.pay(order["session_id"])["status"] == "succeeded"
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
    invariants.check(running_stack)


def test_an_outage_of_stripe_is_said_and_the_same_request_succeeds_after_it(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    client.control("POST", "/faults", {"status": 503, "next": None})
    with pytest.raises(httpx.HTTPStatusError) as refused:
        client.checkout(buyer, course)
    assert refused.value.response.status_code in (502, 503)
    assert refused.value.response.headers["content-type"].startswith("application/problem+json")
    client.control("DELETE", "/faults")
    order = client.checkout(buyer, course)
    assert client.pay(order["session_id"])["status"] == "succeeded"
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
    invariants.check(running_stack)


def test_an_answer_that_was_lost_makes_no_second_session(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    """Stripe made the session, and its answer never came: the same key must find the same session."""
    client = running_stack.client
    before = len(invariants.stripe_list(running_stack, "checkout/sessions"))
    client.control(
        "POST", "/faults", {"status": 500, "next": 1, "path": "/v1/checkout/sessions", "after": True}
    )
    client.checkout(buyer, course)
    assert len(invariants.stripe_list(running_stack, "checkout/sessions")) == before + 1


def test_a_slow_stripe_makes_a_slow_page_and_one_session(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    client.control("POST", "/faults", {"delay_ms": 3000, "next": 1, "path": "/v1/checkout/sessions"})
    order = client.checkout(buyer, course)
    assert client.pay(order["session_id"])["status"] == "succeeded"
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
    invariants.check(running_stack)
