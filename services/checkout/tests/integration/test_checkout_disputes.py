"""A disputed payment as the buyer and staff see it."""

from typing import Any

import httpx
import pytest
from checkout_shop import Shop
from checkout_visitor import sign_in


def dispute(shop: Shop, **more: Any) -> str:
    """Dispute the only charge; return the dispute's id."""
    [charge] = shop.stripe.get("/charges")["data"]
    opened = shop.stripe.control(f"/charges/{charge['id']}/dispute", **more)
    shop.deliver()
    return str(opened["id"])


def close(shop: Shop, opened: str, outcome: str) -> None:
    shop.stripe.control(f"/disputes/{opened}/close", outcome=outcome)
    shop.deliver()


def test_an_open_dispute_is_shown_and_nothing_can_be_refunded_or_bought(
    shop: Shop, visitor: httpx.Client
) -> None:
    order_id = shop.bought()["order_id"]
    dispute(shop)
    order = shop.order(order_id)
    assert (order["state"], order["amount_disputed"], order["dispute"]) == (
        "disputed",
        4900,
        "needs_response",
    )
    refused = shop.http.post(f"/v1/orders/{order_id}/refunds", json={}, headers=shop.admin)
    assert "A dispute holds this payment" in shop.problem(refused, 409, "not-refundable")["detail"]
    shop.problem(shop.buy(), 409, "already-bought")

    sign_in(shop, visitor)
    assert "This payment is disputed" in visitor.get(f"/checkout/success?order={order_id}").text
    course = visitor.get("/courses/ragas").text
    assert "Your access is suspended" in course
    assert "being set up" not in course
    listed = visitor.get("/orders").text
    assert "Disputed" in listed
    assert "€49.00 disputed" in listed


def test_after_a_lost_dispute_the_course_can_be_bought_again(shop: Shop, visitor: httpx.Client) -> None:
    order_id = shop.bought()["order_id"]
    close(shop, dispute(shop), "lost")
    order = shop.order(order_id)
    assert (order["state"], order["amount_disputed"], order["amount_refunded"]) == ("charged_back", 4900, 0)
    refused = shop.http.post(f"/v1/orders/{order_id}/refunds", json={}, headers=shop.admin)
    shop.problem(refused, 409, "not-refundable")

    sign_in(shop, visitor)
    assert "Your bank returned this payment" in visitor.get(f"/checkout/success?order={order_id}").text
    assert "Buy now" in visitor.get("/courses/ragas").text
    assert shop.buy().status_code == 201


def test_a_won_dispute_leaves_nothing_behind(shop: Shop) -> None:
    order_id = shop.bought()["order_id"]
    close(shop, dispute(shop), "won")
    order = shop.order(order_id)
    assert (order["state"], order["amount_disputed"], order["dispute"]) == ("paid", 0, "won")


@pytest.mark.parametrize(("outcome", "state"), [("won", "paid"), ("lost", "partially_refunded")])
def test_of_a_payment_disputed_in_part_only_the_rest_can_be_refunded(
    shop: Shop, outcome: str, state: str
) -> None:
    order_id = shop.bought()["order_id"]
    opened = dispute(shop, amount=900)
    assert shop.order(order_id)["state"] == "paid"
    refused = shop.http.post(f"/v1/orders/{order_id}/refunds", json={"amount": 4001}, headers=shop.admin)
    assert "At most 4000 eur" in shop.problem(refused, 409, "not-refundable")["detail"]
    close(shop, opened, outcome)
    assert shop.order(order_id)["state"] == state


def test_money_that_does_not_match_and_was_lost_in_a_dispute_is_no_longer_open(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    close(shop, dispute(shop, amount=49), "lost")
    assert shop.order(order_id)["state"] == "failed"
    assert shop.http.get("/v1/admin/attention", headers=shop.admin).json()["items"] == []
