"""Webhooks arrive repeatedly, out of order, and while a service is down."""

from collections.abc import Callable, Iterator

import invariants
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack


@pytest.fixture
def release(running_stack: RunningStack) -> Iterator[Callable[..., None]]:
    """Hold webhooks; `release(order=…, copies=…)` delivers them."""
    control = running_stack.client.control
    control("POST", "/webhooks", {"hold": True})

    def send(**how: object) -> None:
        control("POST", "/webhooks", {"hold": False})
        control("POST", "/webhooks/release", how)

    yield send
    send()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_events_delivered_three_times_and_shuffled_are_one_purchase(
    running_stack: RunningStack,
    course: str,
    buy: Callable[[User, str], Json],
    release: Callable[..., None],
    seed: int,
) -> None:
    client = running_stack.client
    buyers = [client.user() for _ in range(4)]
    for buyer in buyers:
        buy(buyer, course)
    release(order="random", seed=seed, copies=3)
    for buyer in buyers:
        running_stack.eventually("access", lambda b=buyer: client.access(b, course)["access"])
    invariants.check(running_stack)
    for buyer in buyers:
        assert len(client.mails(buyer.email)) == 1


@pytest.mark.parametrize(
    "service", ["checkout", "enrollment", "notifications", "reporting", "webhook-ingest"]
)
def test_a_service_that_was_down_catches_up(
    running_stack: RunningStack,
    buyer: User,
    course: str,
    release: Callable[..., None],
    service: str,
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course)
    assert client.pay(order["session_id"])["status"] == "succeeded"
    running_stack.stop(service)
    try:
        release()
        if service != "webhook-ingest":
            # The events are in the log, although this service does not read them yet.
            client.control("POST", "/webhooks/drain", {"timeout_seconds": 30})
    finally:
        running_stack.start(service)
    running_stack.wait_ready()
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"], 60)
    running_stack.eventually("the mail", lambda: client.mails(buyer.email), 60)
    running_stack.eventually(
        "a paid order", lambda: client.order(buyer, order["order_id"])["state"] == "paid", 60
    )
    invariants.check(running_stack)
