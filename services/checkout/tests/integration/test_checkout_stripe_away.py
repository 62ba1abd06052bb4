"""Stripe down, slow, or silent after it did its work: no second session, no second key, no endless wait."""

import time
from datetime import timedelta
from typing import Any

import pytest
from checkout_shop import Shop

from checkout.workers.expiry import Expiry
from processkit.health import Health

SESSIONS = "/v1/checkout/sessions"


def give_up(shop: Shop, minutes: int = 15) -> int:
    """Let the clock's worker look once."""
    return Expiry(shop.dsn, Health(), shop.clock, timedelta(minutes=minutes)).once()


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_stripe_down_is_answered_503_and_the_next_try_goes_on_with_the_same_order(
    shop: Shop, status: int
) -> None:
    shop.stripe.fail(status=status, next=None)
    answer = shop.buy()
    shop.problem(answer, 503, "stripe-unavailable")
    assert answer.headers["retry-after"] == "5"
    ((order),) = shop.rows("select order_id, state, session_id, attempt from orders")
    assert (order["state"], order["session_id"], order["attempt"]) == ("open", None, 1)
    assert shop.announced() == []
    shop.stripe.heal()
    handed = shop.buy().json()
    assert handed["order_id"] == order["order_id"]
    assert len(shop.stripe.sessions()) == 1


def test_one_failure_is_mended_before_the_caller_notices(shop: Shop) -> None:
    shop.stripe.fail(status=503, next=1)
    assert shop.buy().status_code == 201


def test_an_answer_that_got_lost_leads_to_the_session_that_stripe_made(shop: Shop) -> None:
    """The ambiguous case: Stripe made the session, and its answer never came."""
    shop.stripe.fail(status=500, next=1, after=True)
    handed = shop.buy().json()
    (session,) = shop.stripe.sessions()
    assert handed["session_id"] == session["id"]


def test_an_answer_too_late_leads_to_the_same_session_at_the_next_try(shop: Shop) -> None:
    shop.stripe.fail(delay_ms=12_000, next=2, after=True)
    started = time.monotonic()
    shop.problem(shop.buy(), 503, "stripe-unavailable")
    assert time.monotonic() - started < 10
    shop.stripe.heal()
    # The key is in use until the slow call ends; afterwards it leads to what that call made.
    deadline = time.monotonic() + 20
    while (answer := shop.buy()).status_code != 201:
        shop.problem(answer, 503, "stripe-unavailable")
        assert time.monotonic() < deadline
    assert [session["id"] for session in shop.stripe.sessions()] == [answer.json()["session_id"]]
    assert len(shop.rows("select from orders")) == 1
    assert len(shop.announced()) == 1


def test_a_definite_no_is_answered_502_and_the_next_try_has_a_new_key(shop: Shop) -> None:
    shop.stripe.fail(status=400, next=1)
    problem = shop.problem(shop.buy(), 502, "stripe-refused")
    assert problem["stripe_request_id"].startswith("req_")
    assert shop.rows("select attempt, state from orders") == [{"attempt": 2, "state": "open"}]
    assert shop.buy().status_code == 201


def test_a_customer_that_stripe_no_longer_knows_is_forgotten(shop: Shop) -> None:
    shop.execute("insert into customers values ('usr_asha', 'cus_gone')")
    handed = shop.buy().json()
    session = shop.stripe.get(f"/checkout/sessions/{handed['session_id']}")
    assert session["customer_email"] == "asha@example.com"
    assert shop.rows("select from customers") == []


def test_stripe_down_while_an_open_page_is_looked_at(shop: Shop) -> None:
    first = shop.buy().json()
    shop.stripe.fail(status=500, next=None)
    shop.problem(shop.buy(), 503, "stripe-unavailable")
    shop.problem(shop.buy(currency="jpy"), 503, "stripe-unavailable")
    shop.stripe.heal()
    assert shop.order(first["order_id"])["state"] == "open"
    assert shop.buy().json() == first


def test_an_order_that_never_got_a_page_is_given_up_and_announced(shop: Shop) -> None:
    shop.stripe.fail(status=503, next=None)
    shop.problem(shop.buy(), 503, "stripe-unavailable")
    shop.stripe.heal()
    assert give_up(shop) == 0
    shop.clock.offset = timedelta(minutes=16)
    assert give_up(shop) == 1
    assert give_up(shop) == 0
    ((event_id, type_, body),) = shop.announced()
    (order,) = shop.rows("select order_id, state from orders")
    assert order["state"] == "expired"
    assert (event_id, type_) == (f"{order['order_id']}.expired", "masterji.order.expired.v1")
    assert (body["reason"], body["session_id"]) == ("session_never_created", None)
    assert shop.buy().json()["order_id"] != order["order_id"]


def test_an_order_with_a_page_is_left_to_stripe(shop: Shop) -> None:
    shop.buy()
    shop.clock.offset = timedelta(days=2)
    assert give_up(shop) == 0


def test_an_order_given_up_while_stripe_works_leaves_no_payable_page(shop: Shop) -> None:
    """The page is made for an order that is closed by then: it is expired at once."""
    import threading

    shop.stripe.fail(delay_ms=1500, next=1)
    answers: list[Any] = []
    buying = threading.Thread(target=lambda: answers.append(shop.buy()))
    buying.start()
    deadline = time.monotonic() + 10
    while not shop.rows("select from orders"):
        assert time.monotonic() < deadline
    assert give_up(shop, minutes=0) == 1
    buying.join(20)
    shop.problem(answers[0], 409, "order-replaced")
    assert [session["status"] for session in shop.stripe.sessions()] == ["expired"]


def test_a_failed_call_is_logged_with_order_request_and_code(
    shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.stripe.fail(status=400, next=1)
    problem = shop.problem(shop.buy(), 502, "stripe-refused")
    (order,) = shop.rows("select order_id from orders")
    said = capfd.readouterr()
    (line,) = [line for line in (said.out + said.err).splitlines() if "stripe call failed" in line]
    assert order["order_id"] in line
    assert problem["stripe_request_id"] in line
    assert "stripe_code" in line
    assert "sk_test" not in line


def test_the_catalog_and_the_orders_need_no_stripe(shop: Shop) -> None:
    shop.stripe.fail(status=500, next=None, path="/v1/")
    assert shop.http.get("/v1/courses").status_code == 200
    assert shop.http.get("/v1/orders", headers=shop.bearer()).status_code == 200
