"""What needs an operator is counted, listed, and taken off the list once it is reviewed."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from checkout_shop import Shop
from prometheus_client import REGISTRY

from checkout.domain.attention import STUCK
from checkout.workers.watch import count_attention

LIST = "/v1/admin/attention"


def gauges(shop: Shop) -> dict[str, float]:
    """What the watch counts now, without what is 0."""
    with psycopg.connect(shop.dsn) as tx:
        count_attention(tx, shop.clock())
    found = {
        "mismatches": REGISTRY.get_sample_value("checkout_mismatches_open"),
        "duplicates": REGISTRY.get_sample_value("checkout_duplicates_held"),
        **{
            status: REGISTRY.get_sample_value("checkout_refunds_stuck", {"status": status})
            for status in STUCK
        },
    }
    return {name: value for name, value in found.items() if value}


def listed(shop: Shop, **query: Any) -> Any:
    answer = shop.http.get(LIST, params=query, headers=shop.admin)
    assert answer.status_code == 200, answer.text
    return answer.json()


def review(shop: Shop, kind: str, id_: str, note: str = "paid by bank transfer") -> Any:
    return shop.http.post(f"{LIST}/{kind}/{id_}/review", json={"note": note}, headers=shop.admin)


def refund(shop: Shop, order_id: str, **body: Any) -> Any:
    return shop.http.post(f"/v1/orders/{order_id}/refunds", json=body, headers=shop.admin)


def test_when_all_is_well_nothing_waits(shop: Shop) -> None:
    order = shop.bought()
    refund(shop, order["order_id"], amount=100)
    shop.deliver()
    shop.clock.offset = timedelta(days=400)
    assert gauges(shop) == {}
    assert listed(shop) == {"items": [], "next_cursor": None}


def test_a_payment_that_does_not_fit_is_open_until_somebody_has_looked(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    assert gauges(shop) == {"mismatches": 1}
    (item,) = listed(shop)["items"]
    assert (item["kind"], item["id"], item["user_id"]) == ("mismatch", order_id, "usr_asha")
    assert "49 eur" in item["reason"]
    answer = review(shop, "mismatch", order_id, "granted by hand")
    assert answer.status_code == 200, answer.text
    assert gauges(shop) == {}
    assert listed(shop)["items"] == []
    shop.problem(review(shop, "mismatch", order_id), 404, "nothing-to-review")
    (kept,) = shop.rows("select reviewed_by, review_note from orders")
    assert kept == {"reviewed_by": "usr_admin", "review_note": "granted by hand"}
    # A different mismatch is a new item.
    shop.execute("update orders set mismatch = 'Session cs_2 settled 50 eur'")
    assert gauges(shop) == {"mismatches": 1}


def test_a_misfit_that_is_given_back_closes_by_itself_and_the_buyer_may_try_again(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    shop.problem(shop.buy(), 409, "already-bought")
    (session,) = [one for one in shop.stripe.sessions() if one["metadata"]["order_id"] == order_id]
    shop.stripe.refund(session["payment_intent"])
    shop.deliver()
    assert gauges(shop) == {}
    assert shop.order(order_id)["state"] == "failed"
    assert shop.buy().status_code == 201


@pytest.mark.parametrize(
    ("status", "patience"),
    [
        ("requested", timedelta(hours=1)),
        ("refused", timedelta(hours=1)),
        ("pending", timedelta(days=7)),
        ("requires_action", timedelta(days=7)),
        ("failed", timedelta(0)),
    ],
)
def test_a_refund_that_comes_to_no_end_is_stuck(shop: Shop, status: str, patience: timedelta) -> None:
    order = shop.bought()
    refund_id = refund(shop, order["order_id"]).json()["refund_id"]
    shop.execute("update refunds set status = %s", status)
    if patience:
        shop.clock.offset = patience - timedelta(seconds=30)
        assert gauges(shop) == {}
    shop.clock.offset = patience + timedelta(seconds=30)
    assert gauges(shop) == {status: 1}
    (item,) = listed(shop)["items"]
    assert (item["kind"], item["id"], item["reason"]) == ("refund", refund_id, status)
    assert (item["order_id"], item["amount"], item["currency"]) == (order["order_id"], 4900, "eur")
    assert review(shop, "refund", refund_id).status_code == 200
    assert gauges(shop) == {}
    shop.execute("update refunds set status = 'succeeded', reviewed_at = null")
    assert gauges(shop) == {}


def test_a_refund_that_is_tried_again_is_watched_again(shop: Shop) -> None:
    order = shop.bought()
    shop.stripe.fail("/v1/refunds", status=400, next=1)
    shop.problem(refund(shop, order["order_id"]), 502, "stripe-refused")
    shop.clock.offset = timedelta(hours=2)
    (item,) = listed(shop)["items"]
    assert review(shop, "refund", item["id"]).status_code == 200
    assert refund(shop, order["order_id"]).status_code == 201
    shop.execute("update refunds set status = 'failed'")
    assert gauges(shop) == {"failed": 1}


def test_a_refund_that_fails_after_somebody_looked_at_it_is_watched_again(shop: Shop) -> None:
    order = shop.bought()
    refund_id = refund(shop, order["order_id"]).json()["refund_id"]
    shop.deliver()
    (made,) = shop.rows("select stripe_refund_id from refunds")
    shop.execute("update refunds set status = 'pending'")
    shop.clock.offset = timedelta(days=8)
    assert review(shop, "refund", refund_id, "the bank says it is on its way").status_code == 200
    assert gauges(shop) == {}
    shop.stripe.control(f"/refunds/{made['stripe_refund_id']}/fail")
    shop.deliver()
    assert gauges(shop) == {"failed": 1}
    (item,) = listed(shop)["items"]
    assert (item["kind"], item["id"], item["reason"]) == ("refund", refund_id, "failed")
    # The same news again does not undo what was looked at since.
    assert review(shop, "refund", refund_id, "paid by bank transfer").status_code == 200
    shop.deliver(shop.stripe.events())
    assert gauges(shop) == {}


def test_a_refund_whose_answer_comes_after_the_review_is_watched_again(shop: Shop) -> None:
    order = shop.bought()
    shop.stripe.fail("/v1/refunds", status=500, next=9)
    assert refund(shop, order["order_id"]).status_code == 503
    shop.clock.offset = timedelta(hours=2)
    (item,) = listed(shop)["items"]
    assert review(shop, "refund", item["id"]).status_code == 200
    shop.stripe.heal()
    assert refund(shop, order["order_id"]).status_code == 201
    shop.execute("update refunds set status = 'failed'")
    assert gauges(shop) == {"failed": 1}


def test_a_duplicate_that_is_not_given_back_is_held_and_says_why(shop: Shop) -> None:
    first, later = shop.bought()["order_id"], "ord_later"
    shop.execute(
        "insert into orders (order_id, user_id, email, locale, currency, amount_total, terms_version,"
        " terms_accepted_at, success_url, cancel_url, session_expires_at, created_at)"
        " select %s, user_id, email, locale, currency, amount_total, terms_version, terms_accepted_at,"
        " success_url, cancel_url, session_expires_at, created_at from orders",
        later,
    )
    shop.announce_duplicate(later, first)
    assert gauges(shop) == {}
    shop.clock.offset = timedelta(minutes=16)
    assert gauges(shop) == {"duplicates": 1}
    (item,) = listed(shop)["items"]
    assert (item["kind"], item["order_id"], item["reason"]) == ("duplicate", later, "not_looked_at")
    assert review(shop, "duplicate", item["id"]).status_code == 200
    assert gauges(shop) == {}
    assert shop.rows("select status, note, reviewed_by from refunds") == [
        {"status": "dropped", "note": "reviewed", "reviewed_by": "usr_admin"}
    ]
    # The operator has decided to keep the payment, however often the duplicate is announced.
    shop.announce_duplicate(later, first, version=2)
    assert shop.rows("select status, note, reviewed_by from refunds") == [
        {"status": "dropped", "note": "reviewed", "reviewed_by": "usr_admin"}
    ]
    assert gauges(shop) == {}


def test_the_list_goes_page_by_page_the_oldest_first(shop: Shop) -> None:
    made = []
    for number in range(5):
        shop.course(f"c{number}")
        order = shop.bought(course_id=f"c{number}")
        made.append(refund(shop, order["order_id"]).json()["refund_id"])
    shop.execute("update refunds set status = 'failed'")
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = listed(shop, **query)
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == made


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/mismatch/ord_nothing/review", {"note": "x"}, 404),
        ("/refund/ref_nothing/review", {"note": "x"}, 404),
        ("/duplicate/%00/review", {"note": "x"}, 422),
        ("/order/ord_1/review", {"note": "x"}, 422),
        ("/refund/ref_1/review", {}, 422),
        ("/refund/ref_1/review", {"note": ""}, 422),
        ("/refund/ref_1/review", {"note": "x" * 501}, 422),
        ("/refund/ref_1/review", {"note": "\x00"}, 422),
        ("/refund/ref_1/review", {"note": "x", "amount": 1}, 422),
        ("/refund/ref_1/review", [], 422),
    ],
    ids=str,
)
def test_reviews_that_do_not_fit(shop: Shop, path: str, body: Any, status: int) -> None:
    answer = shop.http.post(f"{LIST}{path}", json=body, headers=shop.admin)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("cursor", ["garbage", "W10", "WyJhIiwiYiJd", "a" * 3000, "\x00"])
def test_a_cursor_that_is_none_of_ours(shop: Shop, cursor: str) -> None:
    answer = shop.http.get(LIST, params={"cursor": cursor}, headers=shop.admin)
    assert answer.status_code in (400, 422)


def test_only_administrators_look(shop: Shop) -> None:
    shop.problem(shop.http.get(LIST), 401, "unauthorized")
    shop.problem(shop.http.get(LIST, headers=shop.bearer()), 403, "forbidden")
    path = f"{LIST}/refund/ref_1/review"
    shop.problem(shop.http.post(path, json={"note": "x"}, headers=shop.bearer()), 403, "forbidden")
