"""An order follows Stripe's events, in whatever order and number they arrive."""

import itertools
import random
from typing import Any

import pytest
from checkout_shop import Shop


def test_events_in_any_order_and_twice_end_in_the_same_state(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.stripe.pay(handed["session_id"])
    payment = shop.stripe.get(f"/checkout/sessions/{handed['session_id']}")["payment_intent"]
    shop.stripe.refund(payment, amount="900")
    events = shop.stripe.events()
    chance = random.Random(4)
    orders = [chance.sample(events, len(events)) for _ in range(12)]
    views = []
    for shuffled in orders:
        shop.execute("delete from events")
        shop.execute(
            "update orders set state = 'open', paid_at = null, amount_refunded = 0, refunded_at = null"
        )
        for event in shuffled:
            shop.deliver([event, event])
        shop.deliver(shuffled)
        views.append(shop.order(handed["order_id"]))
    assert views[0]["state"] == "partially_refunded"
    assert views[0]["amount_refunded"] == 900
    assert all(view == views[0] for view in views)


def test_a_refund_made_in_stripes_dashboard_is_seen_and_frees_the_course(shop: Shop) -> None:
    order = shop.bought()
    session = shop.stripe.get(f"/checkout/sessions/{order['session_id']}")
    shop.stripe.refund(session["payment_intent"])
    shop.deliver()
    refunded = shop.order(order["order_id"])
    assert (refunded["state"], refunded["amount_refunded"]) == ("refunded", 4900)
    assert refunded["refunded_at"] is not None
    again = shop.bought()
    assert (again["state"], again["order_id"] != order["order_id"]) == ("paid", True)


def test_a_refund_that_fails_makes_the_order_paid_again(shop: Shop) -> None:
    order = shop.bought()
    answer = shop.http.post(f"/v1/orders/{order['order_id']}/refunds", json={}, headers=shop.admin)
    assert answer.status_code == 201
    shop.deliver()
    assert shop.order(order["order_id"])["state"] == "refunded"
    (stripe_refund,) = shop.stripe.get("/refunds")["data"]
    shop.stripe.control(f"/refunds/{stripe_refund['id']}/fail")
    shop.deliver()
    order = shop.order(order["order_id"])
    assert (order["state"], order["amount_refunded"], order["refunds"][0]["status"]) == ("paid", 0, "failed")
    shop.problem(shop.buy(), 409, "already-bought")


def test_a_refund_that_fails_after_the_course_was_bought_anew(shop: Shop) -> None:
    first = shop.bought()
    shop.http.post(f"/v1/orders/{first['order_id']}/refunds", json={}, headers=shop.admin)
    shop.deliver()
    second = shop.bought()
    (stripe_refund,) = shop.stripe.get("/refunds")["data"]
    shop.stripe.control(f"/refunds/{stripe_refund['id']}/fail")
    shop.deliver()
    assert shop.order(first["order_id"])["state"] == "paid"
    assert shop.order(second["order_id"])["state"] == "paid"
    assert shop.problem(shop.buy(), 409, "already-bought")["order_id"] == second["order_id"]


def test_money_that_does_not_fit_the_order_is_flagged_and_never_paid(shop: Shop) -> None:
    order = shop.order(shop.paid_in_another_amount())
    assert (order["state"], order["under_review"], order["paid_at"]) == ("processing", True, None)
    shop.problem(shop.buy(), 409, "already-bought")


def test_foreign_payments_are_remembered_and_move_nothing(shop: Shop) -> None:
    handed = shop.buy().json()
    foreign = stripe_event(
        "checkout.session.completed",
        {
            "object": "checkout.session",
            "id": "cs_foreign",
            "mode": "payment",
            "status": "complete",
            "payment_status": "paid",
            "amount_total": 4900,
            "currency": "eur",
            "payment_intent": "pi_foreign",
            "metadata": {},
        },
    )
    elsewhere = stripe_event(
        "checkout.session.completed", foreign["data"]["object"] | {"metadata": {"order_id": "their-order-77"}}
    )
    assert shop.deliver([foreign, elsewhere]) == 2
    assert len(shop.rows("select from events where payment_intent_id = 'pi_foreign'")) == 2
    assert shop.order(handed["order_id"])["state"] == "open"
    assert len(shop.rows("select from orders")) == 1


def test_a_session_that_names_its_order_only_by_its_id_pays_it(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.stripe.pay(handed["session_id"])
    events = shop.stripe.events()
    for event in events:
        event["data"]["object"]["metadata"] = {"order_id": "10017", "user_id": "42"}
    shop.deliver(events)
    assert shop.order(handed["order_id"])["state"] == "open"
    shop.hear_placed(handed["order_id"])
    assert shop.order(handed["order_id"])["state"] == "paid"


def test_a_refund_that_names_only_its_charge_refunds_the_order(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.hear_placed(handed["order_id"])
    shop.stripe.pay(handed["session_id"])
    shop.deliver([event for event in shop.stripe.events() if not event["type"].startswith("charge.")])
    session = shop.stripe.get(f"/checkout/sessions/{handed['session_id']}")
    intent = shop.stripe.get(f"/payment_intents/{session['payment_intent']}")
    refund = {
        "object": "refund",
        "id": "re_charge",
        "amount": 4900,
        "currency": "eur",
        "status": "succeeded",
        "charge": intent["latest_charge"],
        "payment_intent": None,
    }
    shop.deliver([stripe_event("refund.created", refund)])
    assert shop.order(handed["order_id"])["state"] == "refunded"


def test_an_event_of_another_account_moves_nothing(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.hear_placed(handed["order_id"])
    shop.stripe.pay(handed["session_id"])
    foreign = [{**event, "account": "acct_other"} for event in shop.stripe.events()]
    assert shop.deliver(foreign) == 0
    assert shop.order(handed["order_id"])["state"] == "open"


def test_what_is_remembered_names_no_person(shop: Shop) -> None:
    shop.bought()
    told = " ".join(str(row["facts"]) for row in shop.rows("select facts from events"))
    assert "4900" in told
    for personal in ("asha", "buyer@example.com", "Test Buyer", "4242"):
        assert personal not in told


def test_a_dispute_that_is_lost_frees_the_course(shop: Shop) -> None:
    order = shop.bought()
    session = shop.stripe.get(f"/checkout/sessions/{order['session_id']}")
    for number, status in enumerate(("needs_response", "lost")):
        shop.problem(shop.buy(), 409, "already-bought")
        dispute = {
            "object": "dispute",
            "id": "dp_1",
            "amount": 4900,
            "currency": "eur",
            "status": status,
            "payment_intent": session["payment_intent"],
        }
        shop.deliver([stripe_event("charge.dispute.updated", dispute, number)])
    assert shop.order(order["order_id"])["state"] == "charged_back"
    assert shop.buy().status_code == 201


def test_one_sees_only_ones_own_orders(shop: Shop) -> None:
    mine, theirs = shop.buy().json(), shop.buy("usr_ben").json()
    listed = shop.http.get("/v1/orders", headers=shop.bearer()).json()
    assert [order["order_id"] for order in listed["items"]] == [mine["order_id"]]
    answer = shop.http.get(f"/v1/orders/{theirs['order_id']}", headers=shop.bearer())
    shop.problem(answer, 404, "order-not-found")
    shop.problem(shop.http.get("/v1/orders/ord_nothing", headers=shop.bearer()), 404, "order-not-found")
    shop.problem(shop.http.get("/v1/orders"), 401, "unauthorized")
    shop.problem(shop.http.get(f"/v1/orders/{mine['order_id']}"), 401, "unauthorized")


def test_orders_are_listed_newest_first_page_by_page(shop: Shop) -> None:
    for number in range(5):
        shop.course(f"c{number}")
    made = [shop.buy(course_id=f"c{number}").json()["order_id"] for number in range(5)]
    found: list[str] = []
    cursor = None
    for _ in itertools.count():
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = shop.http.get("/v1/orders", params=query, headers=shop.bearer()).json()
        found += [order["order_id"] for order in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == made[::-1]


@pytest.mark.parametrize("cursor", ["garbage", "W10", "WyJhIiwiYiJd", "a" * 3000, "\x00", "é"])
def test_a_cursor_that_is_none_of_ours(shop: Shop, cursor: str) -> None:
    answer = shop.http.get("/v1/orders", params={"cursor": cursor}, headers=shop.bearer())
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def stripe_event(type_: str, obj: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """An event such as Stripe makes; `number` seconds after the first."""
    return {
        "id": f"evt_{type_}_{number}_{obj.get('metadata')}",
        "object": "event",
        "type": type_,
        "created": 1_900_000_000 + number,
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": obj},
    }
