"""What is sent to Stripe, and what Stripe's errors mean."""

import json
from dataclasses import replace
from typing import Any

import pytest
import stripe
from checkout_orders import an_order

from checkout.clients.failures import is_definite
from checkout.clients.session_params import session_params, stripe_locale
from checkout.domain.lines import Line, LineKind
from checkout.domain.order import Order

ORDER = an_order()

(RAGAS,) = ORDER.lines


def with_lines(*lines: Line) -> Order:
    return replace(ORDER, lines=lines)


IDS = {
    "masterji_order_id": "ord_1",
    "order_id": "ord_1",
    "masterji_user_id": "usr_1",
    "user_id": "usr_1",
}
ONE_COURSE: dict[str, Any] = {
    "mode": "payment",
    "ui_mode": "hosted_page",
    "line_items": [
        {
            "price_data": {
                "currency": "kwd",
                "unit_amount": 12_500,
                "product_data": {
                    "name": "Ragas for beginners",
                    "metadata": {"course_id": "ragas"},
                    "description": "Morning and evening ragas.",
                },
            },
            "quantity": 1,
        }
    ],
    "client_reference_id": "ord_1",
    "metadata": IDS,
    "payment_intent_data": {
        "metadata": IDS,
        "description": "Ragas for beginners",
    },
    "locale": "de",
    "expires_at": 1_767_312_000,
    "success_url": "https://shop.example/done?order=ord_1&session_id={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://shop.example/cancel",
    "customer_email": "asha@example.com",
}


def test_the_parameters_of_a_one_course_order_never_change() -> None:
    # An order that is open while a new release starts repeats its call under the same idempotency key, and
    # Stripe refuses a known key with other parameters: so also the order of the keys is fixed.
    assert json.dumps(session_params(ORDER)) == json.dumps(ONE_COURSE)


def test_the_session_carries_order_and_user_wherever_stripe_does_not_copy_them() -> None:
    params = session_params(ORDER)
    assert params["metadata"] == IDS
    assert params["payment_intent_data"]["metadata"] == IDS
    assert params["client_reference_id"] == "ord_1"


def test_the_session_asks_for_the_order_and_leaves_the_payment_methods_to_stripe() -> None:
    params = session_params(ORDER)
    (item,) = params["line_items"]
    assert (item["price_data"]["currency"], item["price_data"]["unit_amount"], item["quantity"]) == (
        "kwd",
        12_500,
        1,
    )
    assert item["price_data"]["product_data"]["name"] == "Ragas for beginners"
    assert "payment_method_types" not in params
    assert params["expires_at"] == 1_767_312_000
    assert params["success_url"].endswith("?order=ord_1&session_id={CHECKOUT_SESSION_ID}")
    assert params["locale"] == "de"


def test_each_item_is_one_line_item_at_its_price_after_the_discount() -> None:
    talas = Line(2, LineKind.COURSE, "Talas", 6_000, 1_000, course_id="talas")
    first, second = (
        Line(
            position,
            LineKind.BUNDLE,
            f"Part {position}",
            2_000,
            500,
            course_id=f"part{position}",
            bundle_id="all",
            bundle_title="All parts",
            description="One of many.",
        )
        for position in (3, 4)
    )
    order = with_lines(RAGAS, talas, first, second)
    params = session_params(order)
    asked = [
        (item["price_data"]["product_data"], item["price_data"]["unit_amount"])
        for item in params["line_items"]
    ]
    assert asked == [
        (ONE_COURSE["line_items"][0]["price_data"]["product_data"], 12_500),
        ({"name": "Talas", "metadata": {"course_id": "talas"}}, 5_000),
        ({"name": "All parts", "metadata": {"bundle_id": "all"}}, 3_000),
    ]
    assert sum(amount for _, amount in asked) == order.amount
    assert params["payment_intent_data"]["description"] == "Ragas for beginners and 2 more"


def test_a_plan_is_not_paid_by_a_single_payment() -> None:
    with pytest.raises(ValueError, match="plan"):
        session_params(with_lines(Line(1, LineKind.PLAN, "Everything", 2_900, plan_id="all")))


@pytest.mark.parametrize(
    "change",
    [
        {"lines": ()},
        {"lines": (replace(RAGAS, position=2),)},
        {"lines": (RAGAS, replace(RAGAS, position=2))},
        {"lines": tuple(replace(RAGAS, position=n, course_id=f"c{n}") for n in range(1, 202))},
    ],
    ids=["no line", "not numbered from 1", "a course twice", "201 lines"],
)
def test_an_order_that_cannot_be_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="order"):
        replace(ORDER, **change)


@pytest.mark.parametrize(
    "change",
    [{"course_id": None}, {"bundle_id": "b"}, {"plan_id": "p"}, {"discount_amount": 12_501}],
    ids=str,
)
def test_a_line_that_cannot_be_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="line 1"):
        replace(RAGAS, **change)


def test_a_known_customer_stands_for_the_address() -> None:
    assert session_params(ORDER)["customer_email"] == "asha@example.com"
    known = session_params(replace(ORDER, customer_id="cus_1"))
    assert known["customer"] == "cus_1"
    assert "customer_email" not in known


def test_an_empty_description_is_left_out_since_stripe_refuses_it() -> None:
    (item,) = session_params(with_lines(replace(RAGAS, description="")))["line_items"]
    assert "description" not in item["price_data"]["product_data"]


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("de", "de"), ("de-AT", "de"), ("pt-BR", "pt-BR"), ("fr_CA", "fr-CA"), ("tlh", "auto"), ("", "auto")],
)
def test_the_language_of_the_payment_page(tag: str, locale: str) -> None:
    assert stripe_locale(tag) == locale


REPLAYED = {"Idempotent-Replayed": "true"}


@pytest.mark.parametrize(
    ("error", "definite"),
    [
        (stripe.APIConnectionError("timeout"), False),
        (stripe.APIError("boom", http_status=500), False),
        (stripe.APIError("boom again", http_status=500, headers=REPLAYED), True),
        (stripe.APIError("unavailable", http_status=503), False),
        (stripe.RateLimitError("slow down", http_status=429), False),
        (stripe.APIError("key in use", http_status=409), False),
        (stripe.APIError("a proxy's page", http_status=200), False),
        (stripe.APIError("a proxy's page", http_status=404), False),
        (stripe.InvalidRequestError("no such currency", "currency", http_status=400), True),
        (stripe.AuthenticationError("bad key", http_status=401), True),
        (stripe.PermissionError("restricted key", http_status=403), True),
        (stripe.IdempotencyError("other parameters", http_status=400), True),
    ],
    ids=str,
)
def test_a_new_key_only_after_a_definite_no(error: stripe.StripeError, definite: bool) -> None:
    assert is_definite(error) is definite
