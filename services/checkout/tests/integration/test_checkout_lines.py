"""Several courses in one order: buying, replacing, refunding one of them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from checkout_shop import Shop

TERMS = "2026-01"
BUYER = "usr_asha"


def buy(shop: Shop, *course_ids: str, **body: Any) -> httpx.Response:
    wanted = {"items": [{"course_id": course_id} for course_id in course_ids], "terms_version": TERMS}
    answer: httpx.Response = shop.http.post(
        "/v1/checkout/sessions", json=wanted | body, headers=shop.bearer()
    )
    return answer


def bought(shop: Shop, *course_ids: str) -> Any:
    """Order and pay the courses; the order as it is afterwards."""
    answer = buy(shop, *course_ids)
    assert answer.status_code == 201, answer.text
    shop.stripe.pay(answer.json()["session_id"])
    shop.deliver()
    return shop.order(answer.json()["order_id"])


def refund(shop: Shop, order_id: str, amount: int, reason: str = "goodwill") -> Any:
    """An administrator refunds an amount; the order as it is afterwards."""
    answer = shop.http.post(
        f"/v1/orders/{order_id}/refunds", json={"amount": amount, "reason": reason}, headers=shop.admin
    )
    assert answer.status_code == 201, answer.text
    shop.deliver()
    return shop.order(order_id)


@pytest.fixture
def talas(shop: Shop) -> Any:
    """A second course on sale, at another price."""
    shop.course("talas", title="Talas", prices=[{"currency": "eur", "amount": 2900}])
    shop.execute("delete from outbox")
    return shop


def test_two_courses_are_one_order_one_payment_and_one_announcement(talas: Shop) -> None:
    shop = talas
    answer = buy(shop, "ragas", "talas").json()
    session = shop.stripe.get(f"/checkout/sessions/{answer['session_id']}")
    assert (session["amount_total"], session["currency"]) == (7800, "eur")
    items = shop.stripe.get(f"/checkout/sessions/{answer['session_id']}/line_items")["data"]
    assert [(item["description"], item["amount_total"]) for item in items] == [
        ("Ragas for beginners", 4900),
        ("Talas", 2900),
    ]
    ((_, type_, body),) = shop.announced()
    assert (type_, body["amount_total"]) == ("masterji.order.placed.v1", 7800)
    assert [(line["line_id"], line["course_id"], line["list_amount"]) for line in body["lines"]] == [
        (f"{answer['order_id']}_1", "ragas", 4900),
        (f"{answer['order_id']}_2", "talas", 2900),
    ]
    shop.stripe.pay(answer["session_id"])
    shop.deliver()
    order = shop.order(answer["order_id"])
    assert (order["state"], order["amount_total"], order["amount_paid"]) == ("paid", 7800, 7800)
    assert [line["course_id"] for line in order["lines"]] == ["ragas", "talas"]


def test_the_same_courses_in_another_sequence_are_the_same_order(talas: Shop) -> None:
    assert buy(talas, "ragas", "talas").json() == buy(talas, "talas", "ragas").json()


def test_one_item_is_the_same_as_the_single_course(shop: Shop) -> None:
    assert buy(shop, "ragas").json() == shop.buy().json()


def test_an_order_that_contains_a_bought_course_is_refused(talas: Shop) -> None:
    order = talas.bought()
    problem = talas.problem(buy(talas, "talas", "ragas"), 409, "already-bought")
    assert problem["order_id"] == order["order_id"]
    assert "one of these courses" in problem["detail"]
    assert talas.rows("select order_id from orders") == [{"order_id": order["order_id"]}]


def test_a_course_of_a_bought_order_is_refused(talas: Shop) -> None:
    order = bought(talas, "ragas", "talas")
    for course_id in ("ragas", "talas"):
        problem = talas.problem(talas.buy(course_id=course_id), 409, "already-bought")
        assert problem["order_id"] == order["order_id"]


def test_a_new_cart_replaces_every_open_order_that_shares_a_course(talas: Shop) -> None:
    first, second = talas.buy().json(), talas.buy(course_id="talas").json()
    cart = buy(talas, "ragas", "talas").json()
    for old in (first, second):
        assert talas.order(old["order_id"])["state"] == "expired"
        assert talas.stripe.get(f"/checkout/sessions/{old['session_id']}")["status"] == "expired"
    assert talas.order(cart["order_id"])["state"] == "open"
    reasons = [(id_, body.get("reason")) for id_, _, body in talas.announced() if "expired" in id_]
    assert reasons == [(f"{old['order_id']}.expired", "superseded") for old in (first, second)]


def test_a_single_course_replaces_an_open_cart_with_it(talas: Shop) -> None:
    cart = buy(talas, "ragas", "talas").json()
    single = talas.buy().json()
    assert talas.order(cart["order_id"])["state"] == "expired"
    assert talas.order(single["order_id"])["state"] == "open"
    # The other course of the cart is free again.
    assert talas.buy(course_id="talas").status_code == 201


def test_concurrent_carts_with_the_same_courses_never_leave_two_open_orders(talas: Shop) -> None:
    for _ in range(5):
        with ThreadPoolExecutor(4) as threads:
            carts = [("ragas", "talas"), ("talas", "ragas"), ("talas",), ("ragas", "talas")]
            answers = list(threads.map(lambda courses: buy(talas, *courses), carts))
        assert {answer.status_code for answer in answers} <= {201, 409}, [a.text for a in answers]
        assert 201 in {answer.status_code for answer in answers}
        held = talas.rows(
            "select course_id, count(*) from order_lines join orders using (order_id)"
            " where state = 'open' and holds group by course_id having count(*) > 1"
        )
        assert held == []
        payable = [session for session in talas.stripe.sessions() if session["status"] == "open"]
        known = {
            row["session_id"] for row in talas.rows("select session_id from orders where state = 'open'")
        }
        assert {session["id"] for session in payable} <= known


def test_a_refund_of_one_lines_price_releases_this_course_only(talas: Shop) -> None:
    order = bought(talas, "ragas", "talas")
    after = refund(talas, order["order_id"], 2900)
    assert (after["state"], after["amount_refunded"]) == ("partially_refunded", 2900)
    assert [line["amount_refunded"] for line in after["lines"]] == [0, 2900]
    talas.problem(talas.buy(), 409, "already-bought")
    again = talas.buy(course_id="talas")
    assert again.status_code == 201, again.text


def test_a_refund_that_equals_no_line_is_spread_and_releases_nothing(talas: Shop) -> None:
    order = bought(talas, "ragas", "talas")
    after = refund(talas, order["order_id"], 780)
    assert [line["amount_refunded"] for line in after["lines"]] == [490, 290]
    for course_id in ("ragas", "talas"):
        talas.problem(talas.buy(course_id=course_id), 409, "already-bought")
    rest = refund(talas, order["order_id"], 7020, "the rest")
    assert (rest["state"], rest["amount_refunded"]) == ("refunded", 7800)
    assert [line["amount_refunded"] for line in rest["lines"]] == [4900, 2900]
    assert buy(talas, "ragas", "talas").status_code == 201


def test_what_the_buyer_owns_is_named(talas: Shop) -> None:
    talas.announce(True, 1, course_id="talas")
    problem = talas.problem(buy(talas, "ragas", "talas"), 409, "already-enrolled")
    assert "Talas" in problem["detail"]
    assert "Ragas" not in problem["detail"]


def test_courses_without_a_common_currency_are_refused(talas: Shop) -> None:
    problem = talas.problem(buy(talas, "ragas", "talas", currency="jpy"), 422, "currency-unavailable")
    assert problem["available"] == ["eur"]


def test_a_course_twice_is_refused(talas: Shop) -> None:
    problem = talas.problem(buy(talas, "ragas", "talas", "ragas"), 422, "course-twice")
    assert problem["course_ids"] == ["ragas"]


def test_one_unknown_course_refuses_the_whole_order(talas: Shop) -> None:
    talas.problem(buy(talas, "ragas", "unknown"), 404, "course-not-found")
    assert talas.rows("select from orders") == []


def test_up_to_twenty_courses_are_one_order(shop: Shop) -> None:
    ids = [f"course{n}" for n in range(21)]
    for course_id in ids:
        shop.course(course_id)
    answer = buy(shop, *ids[:20])
    assert answer.status_code == 201, answer.text
    order = shop.order(answer.json()["order_id"])
    assert [line["course_id"] for line in order["lines"]] == ids[:20]
    assert order["amount_total"] == 20 * 4900
    assert buy(shop, *ids).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": [{"course_id": "ragas"}], "course_id": "ragas"},
        {"items": [{"course": "ragas"}]},
        {"items": [{"course_id": ""}]},
        {"items": {"course_id": "ragas"}},
        {"items": None},
    ],
    ids=str,
)
def test_a_request_names_items_or_one_course(shop: Shop, body: dict[str, Any]) -> None:
    answer = shop.http.post(
        "/v1/checkout/sessions", json={"terms_version": TERMS} | body, headers=shop.bearer()
    )
    assert answer.status_code == 422, answer.text
    assert shop.rows("select from orders") == []


def test_the_pages_of_an_order_with_two_courses_show_both(talas: Shop) -> None:
    order_id = buy(talas, "ragas", "talas").json()["order_id"]
    cookie = {"Cookie": f"masterji={talas.issuer.token(BUYER, 'asha@example.com', ())}"}
    for path in ("/orders", f"/checkout/cancel?order={order_id}", f"/checkout/success?order={order_id}"):
        page = talas.http.get(path, headers=cookie | {"Accept": "text/html"})
        assert page.status_code == 200, page.text
        assert "Ragas for beginners" in page.text
        assert "Talas" in page.text
