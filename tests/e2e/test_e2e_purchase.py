"""Purchases of a course with every outcome of a payment."""

from collections.abc import Callable

import httpx
import invariants
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack

DECLINED = "4000000000000002"
ASKS_THE_BANK = "4000000000003220"


def test_a_purchase_reaches_every_service(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    client = running_stack.client
    before = client.sales("usd", "year")["rows"][-1]["net"]
    order = buy(buyer, course)
    running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
    running_stack.eventually(
        "a paid order", lambda: client.order(buyer, order["order_id"])["state"] == "paid"
    )
    mails = running_stack.eventually("the mail", lambda: client.mails(buyer.email))
    mail = client.mail(mails[0]["id"])
    assert "End to end" in mail["subject"]
    assert "End to end" in mail["text"] and "End to end" in mail["html"]
    running_stack.eventually(
        "the sale", lambda: client.sales("usd", "year")["rows"][-1]["net"] == before + 4900
    )
    [enrolled] = client.enrollments(buyer)
    assert (enrolled["course_id"], enrolled["state"]) == (course, "active")
    assert enrolled["source"] == {"kind": "order", "id": order["order_id"]}
    invariants.check(running_stack)


def test_a_course_cannot_be_bought_twice(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    buy(buyer, course)
    running_stack.eventually("access", lambda: running_stack.client.access(buyer, course)["access"])
    with pytest.raises(httpx.HTTPStatusError) as refused:
        running_stack.client.checkout(buyer, course)
    assert refused.value.response.status_code == 409


def test_a_declined_card_grants_nothing_and_a_second_card_grants_access(
    running_stack: RunningStack, buyer: User, course: str, expect_access: Callable[[User, str], None]
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course)
    declined = client.pay(order["session_id"], DECLINED, wait_seconds=10)
    assert declined["status"] == "declined"
    assert client.order(buyer, order["order_id"])["state"] == "open"
    assert not client.access(buyer, course)["access"]
    assert client.pay(order["session_id"])["status"] == "succeeded"
    expect_access(buyer, course)


def test_three_d_secure_grants_access_only_after_the_bank_approved(
    running_stack: RunningStack, buyer: User, course: str, expect_access: Callable[[User, str], None]
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course)
    waiting = client.pay(order["session_id"], ASKS_THE_BANK, three_d_secure="leave", wait_seconds=10)
    assert waiting["status"] == "requires_action"
    assert not client.access(buyer, course)["access"]
    client.control("POST", f"/payment_intents/{waiting['payment_intent']['id']}/authenticate")
    expect_access(buyer, course)


def test_a_refused_authentication_leaves_the_order_open(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course)
    refused = client.pay(order["session_id"], ASKS_THE_BANK, three_d_secure="fail", wait_seconds=10)
    assert refused["status"] == "declined"
    invariants.check(running_stack)
    assert client.order(buyer, order["order_id"])["state"] == "open"
    assert not client.access(buyer, course)["access"]


def test_an_expired_session_releases_the_course(
    running_stack: RunningStack, buyer: User, course: str
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course)
    client.control("POST", f"/checkout/sessions/{order['session_id']}/expire")
    running_stack.eventually(
        "an expired order", lambda: client.order(buyer, order["order_id"])["state"] == "expired"
    )
    assert client.checkout(buyer, course)["order_id"] != order["order_id"]
    invariants.check(running_stack)


def test_a_zero_decimal_currency_is_charged_without_conversion(
    running_stack: RunningStack, buyer: User, course: str, expect_access: Callable[[User, str], None]
) -> None:
    client = running_stack.client
    order = client.checkout(buyer, course, currency="jpy")
    paid = client.pay(order["session_id"])
    assert paid["payment_intent"]["amount"] == 7200
    expect_access(buyer, course)
