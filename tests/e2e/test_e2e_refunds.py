"""A full refund revokes access, whatever the order of its events."""

from collections.abc import Callable, Iterator

import invariants
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack


@pytest.fixture
def held(running_stack: RunningStack) -> Iterator[None]:
    """Hold Stripe's webhooks in the sandbox until the test releases them."""
    running_stack.client.control("POST", "/webhooks", {"hold": True})
    yield
    running_stack.client.control("POST", "/webhooks", {"hold": False})
    running_stack.client.control("POST", "/webhooks/release", {})


def test_a_full_refund_revokes_access(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    client = running_stack.client
    order = buy(buyer, course)
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
    running_stack.eventually(
        "a paid order", lambda: client.order(buyer, order["order_id"])["state"] == "paid"
    )
    client.refund(order["order_id"])
    running_stack.eventually("no access", lambda: not client.access(buyer, course)["access"])
    running_stack.eventually(
        "refunded", lambda: client.order(buyer, order["order_id"])["state"] == "refunded"
    )
    assert [item["state"] for item in client.enrollments(buyer)] == ["revoked"]
    invariants.check(running_stack)


def test_a_partial_refund_keeps_access(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    client = running_stack.client
    order = buy(buyer, course)
    running_stack.eventually(
        "a paid order", lambda: client.order(buyer, order["order_id"])["state"] == "paid"
    )
    client.refund(order["order_id"], 1000)
    running_stack.eventually(
        "partially refunded", lambda: client.order(buyer, order["order_id"])["state"] == "partially_refunded"
    )
    invariants.check(running_stack)
    assert client.access(buyer, course)["access"]


def test_a_refund_that_arrives_before_the_payment_ends_in_no_access(
    running_stack: RunningStack, buyer: User, course: str, held: None
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course)
    paid = client.pay(order["session_id"])
    refund = {"payment_intent": paid["payment_intent"]["id"]}
    answer = client.http.post(
        f"{client.stripe}/v1/refunds", data=refund, headers={"Authorization": "Bearer sk_test_masterji"}
    )
    assert answer.status_code == 200, answer.text
    client.control("POST", "/webhooks/release", {"order": "newest_first", "spacing_ms": 200})
    running_stack.eventually(
        "refunded", lambda: client.order(buyer, order["order_id"])["state"] == "refunded"
    )
    invariants.check(running_stack)
    assert not client.access(buyer, course)["access"]
