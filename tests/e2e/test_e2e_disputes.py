"""A dispute in every service: access, the order and its pages, the report, and what staff are told."""

from collections.abc import Callable

import invariants
import pytest

from devstack.client import Json, User
from devstack.testing.stack import RunningStack

PRICE = 4900
FEE = 1500


def paid(stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]) -> Json:
    order = buy(buyer, course)
    stack.eventually("access", lambda: stack.client.access(buyer, course)["access"])
    return order


def dispute(stack: RunningStack, order: Json, **more: Json) -> str:
    [charge] = [
        one["id"]
        for one in invariants.stripe_list(stack, "charges")
        if one["metadata"].get("masterji_order_id") == order["order_id"]
    ]
    opened = stack.client.control("POST", f"/charges/{charge}/dispute", more)
    return str(opened["id"])


def becomes(stack: RunningStack, buyer: User, order: Json, state: str) -> Json:
    def look() -> Json | None:
        found = stack.client.order(buyer, order["order_id"])
        return found if found["state"] == state else None

    found: Json = stack.eventually(f"the state {state}", look)
    return found


def sums(stack: RunningStack, currency: str) -> tuple[int, int, int]:
    """Disputes, net revenue and fees of the year."""
    rows = stack.client.sales(currency, "year")["rows"]
    return (
        sum(row["disputes"] for row in rows),
        sum(row["net"] for row in rows),
        sum(row["dispute_fees"] for row in rows),
    )


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_suspends_the_course_until_it_is_decided(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json], outcome: str
) -> None:
    client = running_stack.client
    order = paid(running_stack, buyer, course, buy)
    invariants.settle(running_stack)
    currency = client.order(buyer, order["order_id"])["currency"]
    disputes, net, fees = sums(running_stack, currency)
    opened = dispute(running_stack, order)
    found = becomes(running_stack, buyer, order, "disputed")
    assert (found["amount_disputed"], found["dispute"]) == (found["amount_paid"], "needs_response")
    running_stack.eventually("no access", lambda: not client.access(buyer, course)["access"])
    assert [item["state"] for item in client.enrollments(buyer)] == ["suspended"]
    refused = client.http.post(
        client.url("checkout", f"/v1/orders/{order['order_id']}/refunds"),
        json={},
        headers=client.user("usr_admin", "admin@example.com", "admin").headers,
    )
    assert (refused.status_code, "dispute" in refused.json()["detail"]) == (409, True)

    client.control("POST", f"/disputes/{opened}/close", {"outcome": outcome})
    if outcome == "won":
        found = becomes(running_stack, buyer, order, "paid")
        running_stack.eventually("access", lambda: client.access(buyer, course)["access"])
        expected = (disputes, net, fees)
    else:
        found = becomes(running_stack, buyer, order, "charged_back")
        running_stack.eventually(
            "a revoked grant", lambda: [item["state"] for item in client.enrollments(buyer)] == ["revoked"]
        )
        price = found["amount_total"]
        expected = (disputes + price, net - price, fees + FEE)
        # The course can be bought again.
        assert client.checkout(buyer, course)["order_id"] != order["order_id"]
    invariants.check(running_stack)
    assert sums(running_stack, currency) == expected


def test_a_lost_dispute_over_a_part_leaves_the_course(
    running_stack: RunningStack, buyer: User, course: str, buy: Callable[[User, str], Json]
) -> None:
    client = running_stack.client
    order = paid(running_stack, buyer, course, buy)
    opened = dispute(running_stack, order, amount=1000)
    running_stack.eventually(
        "the dispute", lambda: client.order(buyer, order["order_id"])["amount_disputed"] == 1000
    )
    assert client.order(buyer, order["order_id"])["state"] == "paid"
    client.control("POST", f"/disputes/{opened}/close", {"outcome": "lost"})
    becomes(running_stack, buyer, order, "partially_refunded")
    invariants.check(running_stack)
    assert client.access(buyer, course)["access"]
