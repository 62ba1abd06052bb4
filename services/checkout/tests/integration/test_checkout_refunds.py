"""Giving money back through the API: once for each key, never more than was paid."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from checkout_shop import Shop, stripe_message

from checkout.handlers import CheckoutHandler
from devstack import loopback
from schemas.rules import origin_metadata


def refund(shop: Shop, order_id: str, **body: Any) -> httpx.Response:
    answer: httpx.Response = shop.http.post(f"/v1/orders/{order_id}/refunds", json=body, headers=shop.admin)
    return answer


def test_a_full_refund(shop: Shop) -> None:
    order = shop.bought()
    answer = refund(shop, order["order_id"])
    assert answer.status_code == 201, answer.text
    assert (answer.json()["amount"], answer.json()["currency"]) == (4900, "eur")
    (at_stripe,) = shop.stripe.get("/refunds")["data"]
    assert at_stripe["amount"] == 4900
    assert at_stripe["metadata"] == {
        **origin_metadata(order["order_id"]),
        "refund_id": answer.json()["refund_id"],
        "reason": "requested_by_customer",
    }
    assert at_stripe["reason"] == "requested_by_customer"
    shop.deliver()
    order = shop.order(order["order_id"])
    assert (order["state"], order["amount_refunded"]) == ("refunded", 4900)
    assert [(one["amount"], one["status"]) for one in order["refunds"]] == [(4900, "succeeded")]


def test_the_same_request_again_refunds_once(shop: Shop) -> None:
    order = shop.bought()
    first, second = refund(shop, order["order_id"]), refund(shop, order["order_id"])
    assert first.json() == second.json()
    shop.deliver()
    assert refund(shop, order["order_id"]).json() == first.json()
    assert len(shop.stripe.get("/refunds")["data"]) == 1


def test_requests_at_once_refund_once(shop: Shop) -> None:
    order = shop.bought()
    barrier = threading.Barrier(6)

    def ask(_: int) -> httpx.Response:
        barrier.wait()
        return refund(shop, order["order_id"])

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ask, range(6)))
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert len(shop.stripe.get("/refunds")["data"]) == 1


def test_parts_with_reasons_up_to_what_was_paid(shop: Shop) -> None:
    order = shop.bought()
    assert refund(shop, order["order_id"], amount=1000, reason="late start").status_code == 201
    shop.problem(refund(shop, order["order_id"], amount=900, reason="late start"), 409, "refund-differs")
    problem = shop.problem(
        refund(shop, order["order_id"], amount=3901, reason="goodwill"), 409, "not-refundable"
    )
    assert "3900 eur" in problem["detail"]
    shop.deliver()
    assert shop.order(order["order_id"])["state"] == "partially_refunded"
    shop.problem(shop.buy(), 409, "already-bought")
    assert refund(shop, order["order_id"], reason="goodwill").json()["amount"] == 3900
    shop.deliver()
    assert shop.order(order["order_id"])["state"] == "refunded"
    shop.problem(refund(shop, order["order_id"], reason="a third"), 409, "not-refundable")


def test_refunds_made_in_the_dashboard_count(shop: Shop) -> None:
    order = shop.bought()
    session = shop.stripe.get(f"/checkout/sessions/{order['session_id']}")
    shop.stripe.refund(session["payment_intent"], amount="4000")
    # Before the event is here, Stripe itself is the one that says no.
    shop.problem(refund(shop, order["order_id"]), 502, "stripe-refused")
    shop.deliver()
    assert refund(shop, order["order_id"]).json()["amount"] == 900


def test_what_is_not_paid_cannot_be_refunded(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.problem(refund(shop, handed["order_id"]), 409, "not-refundable")
    shop.problem(refund(shop, "ord_nothing"), 404, "order-not-found")


def test_only_administrators_refund(shop: Shop) -> None:
    order = shop.bought()
    path = f"/v1/orders/{order['order_id']}/refunds"
    shop.problem(shop.http.post(path, json={}), 401, "unauthorized")
    shop.problem(shop.http.post(path, json={}, headers=shop.bearer()), 403, "forbidden")
    analyst = shop.bearer("usr_noor", "noor@example.com", "analyst")
    shop.problem(shop.http.post(path, json={}, headers=analyst), 403, "forbidden")
    assert shop.stripe.get("/refunds")["data"] == []


def test_stripe_away_while_refunding_refunds_once_in_the_end(shop: Shop) -> None:
    order = shop.bought()
    shop.stripe.fail("/v1/refunds", status=500, next=None)
    shop.problem(refund(shop, order["order_id"]), 503, "stripe-unavailable")
    shop.stripe.heal()
    assert refund(shop, order["order_id"]).status_code == 201
    assert len(shop.stripe.get("/refunds")["data"]) == 1


def test_a_refund_whose_answer_got_lost_is_not_made_twice(shop: Shop) -> None:
    order = shop.bought()
    shop.stripe.fail("/v1/refunds", status=500, next=1, after=True)
    assert refund(shop, order["order_id"]).status_code == 201
    assert len(shop.stripe.get("/refunds")["data"]) == 1


def test_a_refund_that_stripe_refused_is_asked_anew(shop: Shop) -> None:
    order = shop.bought()
    shop.stripe.fail("/v1/refunds", status=400, next=1)
    shop.problem(refund(shop, order["order_id"]), 502, "stripe-refused")
    again = refund(shop, order["order_id"])
    assert again.status_code == 201
    assert shop.rows("select attempt from refunds") == [{"attempt": 2}]


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "100"},
        {"amount": True},
        {"amount": 10**40},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "\x00"},
        {"sum": 1},
        [],
        "refund",
    ],
    ids=str,
)
def test_refund_requests_that_do_not_fit(shop: Shop, body: Any) -> None:
    answer = shop.http.post("/v1/orders/ord_1/refunds", json=body, headers=shop.admin)
    shop.problem(answer, 422, "validation")


def keyed(shop: Shop, order_id: str, key: str, **body: Any) -> httpx.Response:
    headers = {**shop.admin, "Idempotency-Key": key}
    return shop.http.post(f"/v1/orders/{order_id}/refunds", json=body, headers=headers)


def test_a_second_partial_refund_for_the_same_reason_has_another_idempotency_key(shop: Shop) -> None:
    order_id = shop.bought()["order_id"]
    first = keyed(shop, order_id, "k1", amount=1000, reason="goodwill").json()
    second = keyed(shop, order_id, "k2", amount=1000, reason="goodwill").json()
    assert first["refund_id"] != second["refund_id"]
    assert keyed(shop, order_id, "k1", amount=1000, reason="goodwill").json() == first
    shop.problem(keyed(shop, order_id, "k1", amount=900, reason="goodwill"), 409, "refund-differs")
    shop.problem(keyed(shop, order_id, "k1", amount=1000, reason="other"), 409, "refund-differs")
    third = refund(shop, order_id, amount=1000, reason="goodwill").json()
    assert third["refund_id"] not in (first["refund_id"], second["refund_id"])
    shop.deliver()
    order = shop.order(order_id)
    assert order["amount_refunded"] == 3000
    assert {one["reason"] for one in order["refunds"]} == {"goodwill"}
    at_stripe = shop.stripe.get("/refunds", limit=10)["data"]
    assert [one["metadata"]["reason"] for one in at_stripe] == ["goodwill"] * 3


def test_a_refund_that_only_its_charge_reports_back_counts_once(shop: Shop) -> None:
    order = shop.bought()
    assert refund(shop, order["order_id"], amount=1000, reason="late start").status_code == 201
    shop.deliver([event for event in shop.stripe.events() if event["type"] == "charge.refunded"])
    found = shop.order(order["order_id"])
    assert (found["state"], found["amount_refunded"]) == ("partially_refunded", 1000)
    assert refund(shop, order["order_id"], reason="goodwill").json()["amount"] == 3900
    shop.deliver()
    found = shop.order(order["order_id"])
    assert (found["state"], found["amount_refunded"]) == ("refunded", 4900)


def test_a_refund_whose_event_is_recorded_and_not_derived_yet_is_counted(shop: Shop) -> None:
    order_id = shop.bought()["order_id"]
    assert refund(shop, order_id, amount=3000, reason="first").json()["status"] == "succeeded"
    handler = CheckoutHandler(shop.clock)
    new = [stripe_message(event) for event in shop.stripe.events() if event["id"] not in shop.delivered]
    events = [event for event in map(handler.decode, new) if event is not None]
    assert {event.type for event in events} >= {"refund.created", "charge.refunded"}
    with psycopg.connect(shop.dsn) as tx:
        handler.record(tx, events)
    assert shop.order(order_id)["amount_refunded"] == 0, "not derived yet"

    refused = refund(shop, order_id, amount=1901, reason="second")
    assert "At most 1900 eur" in shop.problem(refused, 409, "not-refundable")["detail"]
    shop.deliver()
    assert refund(shop, order_id, amount=1900, reason="rest").status_code == 201


def test_of_many_concurrent_refunds_no_more_than_was_paid_is_requested(shop: Shop) -> None:
    order_id = shop.bought()["order_id"]

    def request(number: int) -> int:
        body = {"amount": 1000, "reason": f"number {number}"}
        with loopback.client(base_url=shop.url, timeout=30) as http:
            return http.post(f"/v1/orders/{order_id}/refunds", json=body, headers=shop.admin).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(request, range(8)))
    assert answers == {201: 4, 409: 4}
    shop.deliver()
    assert shop.order(order_id)["amount_refunded"] == 4000
