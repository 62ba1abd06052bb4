"""Buying a course through Stripe's page, and everything that must stop a second purchase."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from checkout_shop import Shop
from prometheus_client import REGISTRY

from checkout.handlers import derivation
from checkout.store import orders
from messaging.eventset.clock import ClockWorker
from processkit.health import Health
from schemas.rules import origin_metadata

TERMS = "2026-01"


def open_sessions(shop: Shop) -> set[str]:
    return {session["id"] for session in shop.stripe.sessions() if session["status"] == "open"}


def test_a_purchase_from_order_to_paid(shop: Shop) -> None:
    answer = shop.buy()
    assert answer.status_code == 201, answer.text
    handed = answer.json()
    assert handed["url"].startswith(shop.stripe.url)
    session = shop.stripe.get(f"/checkout/sessions/{handed['session_id']}")
    assert (session["amount_total"], session["currency"], session["mode"]) == (4900, "eur", "payment")
    assert session["metadata"] == origin_metadata(handed["order_id"], "usr_asha")
    assert session["client_reference_id"] == handed["order_id"]
    assert session["customer_email"] == "asha@example.com"
    assert session["success_url"] == (
        f"{shop.url}/checkout/success?order={handed['order_id']}&session_id={{CHECKOUT_SESSION_ID}}"
    )
    assert shop.order(handed["order_id"])["state"] == "open"

    paid = shop.stripe.pay(handed["session_id"])
    assert paid["payment_intent"]["metadata"] == origin_metadata(handed["order_id"], "usr_asha")
    shop.deliver()
    order = shop.order(handed["order_id"])
    assert order["state"] == "paid"
    assert order["paid_at"] is not None
    assert order["amount_total"] == 4900
    assert order["receipt_url"].startswith("http")
    assert [line["course_id"] for line in order["lines"]] == ["ragas"]


def test_the_placed_order_is_announced_once_with_what_others_need(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.buy()
    ((event_id, type_, body),) = shop.announced()
    assert (event_id, type_) == (f"{handed['order_id']}.placed", "masterji.order.placed.v1")
    assert body["session_id"] == handed["session_id"]
    assert body["terms"]["version"] == TERMS
    assert (body["email"], body["currency"], body["amount_total"]) == ("asha@example.com", "eur", 4900)
    (line,) = body["lines"]
    assert (line["kind"], line["course_id"], line["category"], line["list_amount"]) == (
        "course",
        "ragas",
        "Music",
        4900,
    )


def test_the_same_request_again_gives_the_same_page(shop: Shop) -> None:
    assert shop.buy().json() == shop.buy().json()
    assert len(shop.stripe.sessions()) == 1


def test_two_requests_at_once_give_one_order_and_one_session(shop: Shop) -> None:
    barrier = threading.Barrier(8)

    def buy(_: int) -> Any:
        barrier.wait()
        return shop.buy()

    for _ in range(3):
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(buy, range(8)))
        assert {answer.status_code for answer in answers} == {201}
        handed = {(answer.json()["order_id"], answer.json()["session_id"]) for answer in answers}
        assert len(handed) == 1
    assert len(shop.rows("select from orders")) == 1
    assert len(shop.stripe.sessions()) == 1
    assert len(shop.announced()) == 1


def test_a_double_click_while_stripe_is_slow(shop: Shop) -> None:
    """Stripe refuses a key that is in use; the second request then gets what the first one made."""
    shop.stripe.fail(delay_ms=1200, next=1, path="/v1/checkout/sessions")
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: shop.buy(), range(2)))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(shop.stripe.sessions()) == 1


def test_parallel_requests_in_different_currencies_leave_one_payable_page(shop: Shop) -> None:
    barrier = threading.Barrier(6)

    def buy(number: int) -> httpx.Response:
        barrier.wait(20)
        return shop.buy(currency=("eur", "jpy")[number % 2])

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(buy, range(6)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 409, 503}
    assert 201 in statuses
    (held,) = shop.rows(
        "select state, currency, session_id from orders where order_id in"
        " (select order_id from order_lines where holds)"
    )
    assert held["state"] == "open"
    assert open_sessions(shop) <= {held["session_id"]}

    # Whatever each request was answered, the buyer can pay for the order that was left.
    again = shop.buy(currency=held["currency"])
    assert again.status_code == 201, again.text
    assert open_sessions(shop) == {again.json()["session_id"]}


def test_an_order_that_got_its_page_before_it_was_closed_keeps_no_payable_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wish reads the order while it has no page; the page is tied before the order is closed."""
    at_the_door, tied = threading.Event(), threading.Event()
    close = orders.close

    async def close_late(*arguments: Any) -> Any:
        if not at_the_door.is_set():
            at_the_door.set()
            assert await asyncio.to_thread(tied.wait, 20)
        return await close(*arguments)

    monkeypatch.setattr(orders, "close", close_late)
    shop.stripe.fail(delay_ms=1500, next=1, path="/v1/checkout/sessions")
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(shop.buy, currency="eur")
        while not shop.rows("select from orders"):
            assert not first.done(), first.result().text
            time.sleep(0.02)
        second = threads.submit(shop.buy, currency="jpy")
        assert at_the_door.wait(20)
        assert first.result().status_code == 201
        assert shop.rows("select from orders where session_id is not null")
        tied.set()
        handed = second.result()
    assert handed.status_code == 201
    statuses = {session["id"]: session["status"] for session in shop.stripe.sessions()}
    assert statuses == {
        first.result().json()["session_id"]: "expired",
        handed.json()["session_id"]: "open",
    }
    superseded = [event for _, type_, event in shop.announced() if type_ == "masterji.order.expired.v1"]
    assert [event["session_id"] for event in superseded] == [first.result().json()["session_id"]]


@pytest.mark.parametrize("status", [400, 403], ids=["refused", "forbidden"])
def test_a_page_that_stripe_does_not_end_keeps_its_order(shop: Shop, status: int) -> None:
    first = shop.buy().json()
    shop.stripe.fail(f"/v1/checkout/sessions/{first['session_id']}/expire", status=status, next=1)
    shop.problem(shop.buy(currency="jpy"), 502, "stripe-refused")
    assert shop.order(first["order_id"])["state"] == "open"
    assert [session["status"] for session in shop.stripe.sessions()] == ["open"]
    second = shop.buy(currency="jpy").json()
    statuses = {session["id"]: session["status"] for session in shop.stripe.sessions()}
    assert statuses == {first["session_id"]: "expired", second["session_id"]: "open"}


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "jpy"},
        {"success_url": "https://app.example/done"},
        {"cancel_url": "https://app.example/no"},
    ],
    ids=str,
)
def test_another_wish_ends_the_page_before_it_makes_a_new_one(shop: Shop, change: dict[str, str]) -> None:
    first, second = shop.buy().json(), shop.buy(**change).json()
    assert first["order_id"] != second["order_id"]
    assert shop.stripe.get(f"/checkout/sessions/{first['session_id']}")["status"] == "expired"
    assert shop.order(first["order_id"])["state"] == "expired"
    assert [type_ for _, type_, _ in shop.announced()] == [
        "masterji.order.placed.v1",
        "masterji.order.expired.v1",
        "masterji.order.placed.v1",
    ]
    assert shop.announced()[1][2]["reason"] == "superseded"


def test_a_changed_price_ends_the_page(shop: Shop) -> None:
    first = shop.buy().json()
    shop.course(prices=[{"currency": "eur", "amount": 5900}])
    second = shop.buy().json()
    assert shop.stripe.get(f"/checkout/sessions/{first['session_id']}")["status"] == "expired"
    assert shop.stripe.get(f"/checkout/sessions/{second['session_id']}")["amount_total"] == 5900


def test_an_expired_page_is_replaced_even_before_its_event_arrives(shop: Shop) -> None:
    first = shop.buy().json()
    shop.stripe.expire(first["session_id"])
    second = shop.buy().json()
    assert second["session_id"] != first["session_id"]
    shop.deliver()
    assert shop.order(first["order_id"])["state"] == "expired"
    assert shop.order(second["order_id"])["state"] == "open"
    expired = [event for event in shop.announced() if event[1] == "masterji.order.expired.v1"]
    assert [(event_id, body["reason"]) for event_id, _, body in expired] == [
        (f"{first['order_id']}.expired", "session_expired")
    ]


def test_an_abandoned_page_expires_the_order_and_frees_the_course(shop: Shop) -> None:
    first = shop.buy().json()
    shop.stripe.expire(first["session_id"])
    shop.deliver()
    assert shop.order(first["order_id"])["state"] == "expired"
    assert shop.announced()[-1][1:2] == ("masterji.order.expired.v1",)
    assert shop.buy().json()["order_id"] != first["order_id"]


def test_a_declined_card_leaves_the_order_open_and_the_page_usable(shop: Shop) -> None:
    handed = shop.buy().json()
    assert shop.stripe.pay(handed["session_id"], card="4000000000000002")["status"] == "declined"
    shop.deliver()
    assert shop.order(handed["order_id"])["state"] == "open"
    assert shop.buy().json()["session_id"] == handed["session_id"]
    shop.stripe.pay(handed["session_id"])
    shop.deliver()
    assert shop.order(handed["order_id"])["state"] == "paid"


def test_nobody_buys_twice(shop: Shop) -> None:
    order = shop.bought()
    refusal = shop.problem(shop.buy(), 409, "already-bought")
    assert refusal["order_id"] == order["order_id"]
    assert shop.buy("usr_ben").status_code == 201


def test_a_page_that_was_paid_a_moment_ago_is_not_handed_out_again(shop: Shop) -> None:
    handed = shop.buy().json()
    shop.stripe.pay(handed["session_id"])
    shop.problem(shop.buy(), 409, "already-bought")
    shop.problem(shop.buy(currency="jpy"), 409, "already-bought")
    assert len(shop.stripe.sessions()) == 1


def test_enrolled_users_cannot_buy_until_their_access_ends(shop: Shop) -> None:
    shop.announce(True, 10)
    shop.problem(shop.buy(), 409, "already-enrolled")
    shop.announce(False, 9)  # a straggler
    shop.problem(shop.buy(), 409, "already-enrolled")
    shop.announce(False, 11)
    shop.announce(True, 11)  # the same version again
    assert shop.buy().status_code == 201


def test_access_with_an_end_is_compared_with_the_clock(shop: Shop) -> None:
    until = shop.clock() + timedelta(hours=1)
    shop.announce(True, 10, until=until.isoformat())
    shop.problem(shop.buy(), 409, "already-enrolled")
    shop.clock.offset = timedelta(hours=2)
    shop.stripe.control("/clock", offset=7200)
    assert shop.buy().status_code == 201


def test_whoever_subscribes_has_every_course_until_the_subscription_ends(shop: Shop) -> None:
    shop.course("talas")
    end = shop.clock() + timedelta(minutes=30)
    shop.announce(True, 1, course_id="*", until=end.isoformat())
    for course_id in ("ragas", "talas"):
        shop.problem(shop.buy(course_id=course_id), 409, "already-enrolled")
    assert shop.buy("usr_ben").status_code == 201, "it is one user's subscription"
    shop.clock.offset = timedelta(minutes=31)
    assert shop.buy().status_code == 201
    shop.clock.offset = timedelta()
    shop.announce(False, 2, course_id="*")
    assert shop.buy(course_id="talas").status_code == 201


def test_a_course_for_a_time_can_be_bought_again_after_it(shop: Shop) -> None:
    shop.course(access_days=1)
    first = shop.bought()
    shop.problem(shop.buy(), 409, "already-bought")
    shop.clock.offset = timedelta(days=1, minutes=1)
    shop.stripe.control("/clock", offset=86_460)
    second = shop.bought()
    assert second["state"] == "paid"
    assert second["order_id"] != first["order_id"]
    assert shop.order(first["order_id"])["state"] == "paid"


def test_without_a_token_401(shop: Shop) -> None:
    answer = shop.http.post("/v1/checkout/sessions", json={"course_id": "ragas", "terms_version": TERMS})
    shop.problem(answer, 401, "unauthorized")


def test_unknown_and_withdrawn_courses_404(shop: Shop) -> None:
    shop.problem(shop.buy(course_id="nothing"), 404, "course-not-found")
    shop.course(active=False)
    shop.problem(shop.buy(), 404, "course-not-found")


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"terms_version": "2025-12"}, "terms-not-accepted"),
        ({"terms_version": ""}, "validation"),
        ({"currency": "usd"}, "currency-unavailable"),
        ({"currency": "EUR"}, "validation"),
        ({"success_url": "https://evil.org/"}, "return-url-refused"),
        ({"cancel_url": "https://app.example.evil.org/"}, "return-url-refused"),
        ({"success_url": "javascript:alert(1)"}, "return-url-refused"),
        ({"ui_mode": "elements"}, "validation"),
        ({"promo": "x"}, "validation"),
    ],
    ids=str,
)
def test_what_does_not_fit_422(shop: Shop, body: dict[str, str], slug: str) -> None:
    shop.problem(shop.buy(**body), 422, slug)
    assert shop.rows("select from orders") == []


def test_an_email_address_that_stripe_refuses_is_the_buyer_s_to_correct_and_no_outage(shop: Shop) -> None:
    before = refused_calls()
    body = {"course_id": "ragas", "terms_version": TERMS}
    answer = shop.http.post("/v1/checkout/sessions", json=body, headers=shop.bearer(email="a@b"))
    shop.problem(answer, 422, "email-refused")
    assert refused_calls() == before, "the alert StripeRefuses counts these"
    corrected = shop.http.post("/v1/checkout/sessions", json=body, headers=shop.bearer(email="a@b.example"))
    assert corrected.status_code == 201, corrected.text


def refused_calls() -> float:
    labels = {"call": "create_session", "kind": "refused"}
    return REGISTRY.get_sample_value("checkout_stripe_failures_total", labels) or 0


def pending_payment(shop: Shop) -> str:
    """Order a course and pay by bank debit; return the order's id."""
    placed = shop.buy().json()
    shop.stripe.pay(placed["session_id"], card="DE89370400440532013000")
    shop.deliver()
    return str(placed["order_id"])


def test_a_pending_bank_payment_does_not_keep_the_buyer_from_paying_by_card(shop: Shop) -> None:
    pending = pending_payment(shop)
    refusal = shop.problem(shop.buy(), 409, "already-bought")
    assert (refusal["order_id"], refusal["pending"]) == (pending, True)
    again = shop.buy(beside_pending=True)
    assert again.status_code == 201, again.text
    assert shop.buy(beside_pending=True).json() == again.json(), "the same page"
    by_card = again.json()["order_id"]
    shop.stripe.pay(again.json()["session_id"])
    shop.deliver()
    assert (shop.order(by_card)["state"], shop.order(pending)["state"]) == ("paid", "processing")
    paid = shop.problem(shop.buy(beside_pending=True), 409, "already-bought")
    assert (paid["order_id"], paid["pending"]) == (by_card, False)

    session = shop.stripe.get(f"/checkout/sessions/{shop.order(pending)['session_id']}")
    shop.stripe.control(f"/payment_intents/{session['payment_intent']}/settle", outcome="succeed")
    shop.deliver()
    assert shop.order(pending)["state"] == "paid", "enrollment announces it as a duplicate"
    assert [row["order_id"] for row in shop.rows("select order_id from order_lines where holds")] == [by_card]


def test_a_pending_payment_holds_its_course_again_if_the_buyer_does_not_pay_in_another_way(
    shop: Shop,
) -> None:
    pending = pending_payment(shop)
    again = shop.buy(beside_pending=True).json()
    shop.stripe.expire(again["session_id"])
    shop.deliver()
    ClockWorker(derivation(shop.clock), shop.dsn, Health()).once()
    assert shop.problem(shop.buy(), 409, "already-bought")["order_id"] == pending


def test_a_payment_that_does_not_match_cannot_be_made_again(shop: Shop) -> None:
    order_id = shop.paid_in_another_amount()
    refusal = shop.problem(shop.buy(beside_pending=True), 409, "already-bought")
    assert refusal["order_id"] == order_id
