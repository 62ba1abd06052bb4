"""Staff accept a payment that does not match its order: from then on it is an ordinary purchase."""

import json
from datetime import UTC, datetime
from typing import Any

from checkout_shop import Shop

from messaging.message import Message

LIST = "/v1/admin/attention"


def accept(shop: Shop, order_id: str, **body: Any) -> Any:
    wanted = {"reason": "goodwill, ticket 17"} | body
    return shop.http.post(f"/v1/admin/orders/{order_id}/accept", json=wanted, headers=shop.admin)


def hear_acceptance(shop: Shop) -> None:
    """Let checkout consume the announcements of acceptance, as the runner does."""
    for event_id, type_, body in shop.announced():
        if type_ == "masterji.order.payment_accepted.v1":
            value = json.dumps(body).encode()
            shop.hear(
                Message("orders", 0, 0, body["order_id"], value, event_id, type_, "x", datetime.now(UTC))
            )


def test_an_accepted_payment_pays_its_order_and_can_be_refunded(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    answer = accept(shop, order_id)
    assert answer.status_code == 202, answer.text
    hear_acceptance(shop)
    order = shop.order(order_id)
    assert (order["state"], order["amount_paid"], order["under_review"]) == ("paid", 49, False)
    assert shop.http.get(LIST, headers=shop.admin).json()["items"] == []
    shop.problem(shop.buy(), 409, "already-bought")
    refund = shop.http.post(f"/v1/orders/{order_id}/refunds", json={}, headers=shop.admin)
    assert (refund.status_code, refund.json()["amount"]) == (201, 49), refund.text
    shop.deliver()
    assert shop.order(order_id)["state"] == "refunded"
    shop.problem(accept(shop, "ord_unknown"), 404, "order-not-found")


def test_only_a_settled_payment_in_the_order_s_currency_is_accepted(shop: Shop) -> None:
    placed = shop.buy().json()
    shop.problem(accept(shop, placed["order_id"]), 409, "not-acceptable")
    paid = shop.bought(user="usr_ben")
    shop.problem(accept(shop, paid["order_id"]), 409, "not-acceptable")
    shop.course("talas")
    yen = shop.buy(user="usr_cho", course_id="talas", currency="jpy").json()
    shop.stripe.pay(yen["session_id"])
    answer = accept(shop, placed["order_id"], session_id=yen["session_id"])
    assert yen["order_id"] in shop.problem(answer, 409, "not-acceptable")["detail"]
    shop.execute("update orders set currency = 'eur' where order_id = %s", yen["order_id"])
    assert "jpy" in shop.problem(accept(shop, yen["order_id"]), 409, "not-acceptable")["detail"]


def test_a_payment_on_a_page_that_an_operator_made_is_accepted(shop: Shop) -> None:
    placed = shop.buy().json()
    shop.stripe.expire(placed["session_id"])
    shop.deliver()
    made = shop.paid_late(placed["order_id"])
    assert accept(shop, placed["order_id"], session_id=made).status_code == 202
    hear_acceptance(shop)
    for _, type_, body in shop.announced("stripe.rereads"):
        assert type_ in ("checkout.session.reread", "payment_intent.reread")
        shop.deliver([body])
    assert shop.order(placed["order_id"])["state"] == "paid"


def test_a_repeated_acceptance_announces_the_same_message(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    for _ in range(2):
        assert accept(shop, order_id).status_code == 202
    accepted = [id_ for id_, type_, _ in shop.announced() if type_.endswith("payment_accepted.v1")]
    assert len(set(accepted)) == 1


def test_only_administrators_accept_payments(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    url = f"/v1/admin/orders/{order_id}/accept"
    assert shop.http.post(url, json={"reason": "please"}, headers=shop.bearer()).status_code == 403
