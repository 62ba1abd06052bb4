"""A course is bought twice: the later order is refunded automatically, and the buyer gets one mail about it.

Checkout does not sell a course twice. So the tests pay an expired order in a session that was created by
hand, as support would do, while a newer order was paid in the usual way.
"""

import json
import uuid

import invariants
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack

PRICE = 4900
# No other test of this stack sells in this currency, so the report contains only these orders.
CURRENCY = "chf"


@pytest.fixture
def course(running_stack: RunningStack) -> str:
    """A course that only this test uses."""
    course_id = f"course-{uuid.uuid4().hex[:8]}"
    prices = [{"currency": CURRENCY, "amount": PRICE}]
    running_stack.client.put_course(course_id, {"title": "Bought twice", "prices": prices})
    return course_id


def manual_session(stack: RunningStack, buyer: User, order_id: str) -> str:
    """Create a session for an order, like support in Stripe's dashboard."""
    names = {"order_id": order_id, "user_id": buyer.id}
    form = {
        "mode": "payment",
        "success_url": stack.client.url("checkout", "/orders"),
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": CURRENCY,
        "line_items[0][price_data][unit_amount]": str(PRICE),
        "line_items[0][price_data][product_data][name]": "Bought twice",
        **{f"metadata[{name}]": value for name, value in names.items()},
        **{f"payment_intent_data[metadata][{name}]": value for name, value in names.items()},
    }
    key = {"Authorization": "Bearer sk_test_masterji"}
    answer = stack.client.http.post(f"{stack.client.stripe}/v1/checkout/sessions", data=form, headers=key)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def accept(stack: RunningStack, order_id: str, session_id: str) -> None:
    """Accept a session that was created by hand as the payment of an order, as staff do."""
    admin = stack.client.user("usr_admin", "admin@example.com", "admin")
    body = {"session_id": session_id, "reason": "paid on a page made by hand"}
    url = stack.client.url("checkout", f"/v1/admin/orders/{order_id}/accept")
    stack.client.http.post(url, json=body, headers=admin.headers).raise_for_status()


def net(stack: RunningStack) -> int:
    return sum(row["net"] for row in stack.client.sales(CURRENCY, "year")["rows"])


def announced_access(stack: RunningStack, buyer: User) -> list[bool]:
    """The access of the buyer that enrollment announced, in the order of versions."""
    log = invariants.read_log(stack, ["enrollments"])
    bodies = [json.loads(message.value) for message in log if message.type.endswith("enrollment.changed.v1")]
    mine = sorted((body["version"], body["access"]) for body in bodies if body["user_id"] == buyer.id)
    return [access for _, access in mine]


def test_the_later_of_two_paid_orders_is_refunded_and_nothing_else_changes(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    before = net(running_stack)
    early = client.checkout(buyer, course)
    client.control("POST", f"/checkout/sessions/{early['session_id']}/expire")
    running_stack.eventually(
        "an expired order", lambda: client.order(buyer, early["order_id"])["state"] == "expired"
    )
    by_hand = manual_session(running_stack, buyer, early["order_id"])
    first = client.checkout(buyer, course)
    assert client.pay(first["session_id"])["status"] == "succeeded"
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
    # Stripe's clock has whole seconds, and the ids must not decide which order is first.
    paid = client.control("GET", "/clock")["now"]
    running_stack.eventually("another second", lambda: client.control("GET", "/clock")["now"] > paid)
    assert client.pay(by_hand)["status"] == "succeeded"
    accept(running_stack, early["order_id"], by_hand)

    running_stack.eventually(
        "the refund of the later order", lambda: client.order(buyer, early["order_id"])["state"] == "refunded"
    )
    invariants.check(running_stack)

    assert client.order(buyer, first["order_id"])["state"] == "paid"
    [refund] = client.order(buyer, early["order_id"])["refunds"]
    assert (refund["reason"], refund["status"], refund["amount"]) == ("duplicate", "succeeded", PRICE)
    assert client.order(buyer, first["order_id"])["refunds"] == []
    [at_stripe] = [
        one
        for one in invariants.stripe_list(running_stack, "refunds")
        if one["metadata"].get("order_id") in (early["order_id"], first["order_id"])
    ]
    assert at_stripe["metadata"]["order_id"] == early["order_id"]
    assert (at_stripe["metadata"]["reason"], at_stripe["reason"]) == ("duplicate", "duplicate")

    [enrolled] = client.enrollments(buyer)
    assert (enrolled["state"], enrolled["source"]["id"]) == ("active", first["order_id"])
    assert announced_access(running_stack, buyer) == [True], "access was interrupted"

    mails = [client.mail(mail["id"]) for mail in client.mails(buyer.email)]
    refunds = [mail for mail in mails if "refund" in mail["subject"].lower()]
    assert (len(mails), len(refunds)) == (3, 1), "two receipts and one refund"
    for part in ("text", "html"):
        assert "You already owned this. Your first purchase remains valid" in refunds[0][part]
    assert net(running_stack) - before == PRICE, "the report has one sale"
    # The first order holds the course, so a third purchase is refused.
    answer = client.http.post(
        client.url("checkout", "/v1/checkout/sessions"),
        json={"course_id": course, "terms_version": "2026-01"},
        headers=buyer.headers,
    )
    assert answer.status_code == 409


def test_a_duplicate_is_refunded_once_although_checkout_is_killed_repeatedly(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    orders: list[Json] = []
    early = client.checkout(buyer, course)
    client.control("POST", f"/checkout/sessions/{early['session_id']}/expire")
    running_stack.eventually(
        "an expired order", lambda: client.order(buyer, early["order_id"])["state"] == "expired"
    )
    by_hand = manual_session(running_stack, buyer, early["order_id"])
    orders.append(client.checkout(buyer, course))
    client.pay(orders[0]["session_id"])
    paid = client.control("GET", "/clock")["now"]
    running_stack.eventually("another second", lambda: client.control("GET", "/clock")["now"] > paid)
    client.pay(by_hand)
    accept(running_stack, early["order_id"], by_hand)
    for _ in range(3):
        running_stack.kill("checkout")
        running_stack.start("checkout")
        running_stack.wait_ready()
    running_stack.eventually(
        "the refund of the later order",
        lambda: client.order(buyer, early["order_id"])["state"] == "refunded",
        seconds=90,  # the lease of a killed worker lasts a minute
    )
    invariants.check(running_stack)
    refunded = [
        one["metadata"]["order_id"]
        for one in invariants.stripe_list(running_stack, "refunds")
        if one["metadata"].get("order_id") in (early["order_id"], orders[0]["order_id"])
    ]
    assert refunded == [early["order_id"]]
    assert client.access(buyer, course)["access"]
