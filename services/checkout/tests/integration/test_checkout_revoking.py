"""Staff end an order that cost nothing, which cannot be refunded."""

from typing import Any

import httpx
from checkout_shop import Shop
from checkout_visitor import sign_in

from schemas.events import OrderRevoked, PaymentAccepted

FREE = {
    "amount_total": 0,
    "total_details": {"amount_discount": 4900, "amount_tax": 0},
    "payment_status": "no_payment_required",
    "payment_intent": None,
}


def revoke(shop: Shop, order_id: str, headers: dict[str, str] | None = None) -> Any:
    body = {"reason": "a scholarship for another course"}
    return shop.http.post(f"/v1/admin/orders/{order_id}/revoke", json=body, headers=headers or shop.admin)


def accepted_for_nothing(shop: Shop) -> str:
    """An order whose session had a discount of 100 % at Stripe, and which staff accepted as paid."""
    placed = shop.buy().json()
    shop.stripe.pay(placed["session_id"])
    events = [event for event in shop.stripe.events() if event["type"] == "checkout.session.completed"]
    for event in events:
        event["data"]["object"] |= FREE
    shop.deliver(events)
    order_id = str(placed["order_id"])
    accepted = shop.http.post(
        f"/v1/admin/orders/{order_id}/accept", json={"reason": "a gift"}, headers=shop.admin
    )
    assert accepted.status_code == 202, accepted.text
    shop.hear_announced(order_id, PaymentAccepted)
    return order_id


def test_an_order_that_cost_nothing_is_revoked_and_not_refunded(shop: Shop, visitor: httpx.Client) -> None:
    order_id = accepted_for_nothing(shop)
    order = shop.order(order_id)
    assert (order["state"], order["amount_paid"]) == ("paid", 0)
    refund = shop.http.post(f"/v1/orders/{order_id}/refunds", json={}, headers=shop.admin)
    assert "Revoke it" in shop.problem(refund, 409, "not-refundable")["detail"]
    for _ in range(2):
        assert revoke(shop, order_id).status_code == 202
    assert len({id_ for id_, type_, _ in shop.announced() if type_ == OrderRevoked.TYPE}) == 1
    shop.hear_announced(order_id, OrderRevoked)
    assert shop.order(order_id)["state"] == "refunded"
    shop.problem(revoke(shop, order_id), 409, "not-revocable")
    sign_in(shop, visitor)
    page = visitor.get(f"/checkout/success?order={order_id}").text
    assert "This order has ended" in page
    assert "days for the money" not in page
    assert shop.buy().status_code == 201


def test_only_an_order_that_was_bought_for_nothing_is_revoked(shop: Shop) -> None:
    paid = shop.bought()["order_id"]
    assert "Refund it" in shop.problem(revoke(shop, paid), 409, "not-revocable")["detail"]
    waiting = shop.buy(user="usr_ben").json()["order_id"]
    assert "open" in shop.problem(revoke(shop, waiting), 409, "not-revocable")["detail"]
    shop.problem(revoke(shop, "ord_unknown"), 404, "order-not-found")
    assert revoke(shop, paid, shop.bearer()).status_code == 403
