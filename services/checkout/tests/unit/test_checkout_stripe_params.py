"""What is sent to Stripe, and what Stripe's errors mean."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stripe

from checkout.clients.failures import is_definite
from checkout.clients.session_params import session_params, stripe_locale
from checkout.domain.offers import Order

ORDER = Order(
    order_id="ord_1",
    user_id="usr_1",
    email="asha@example.com",
    locale="de-AT",
    course_id="ragas",
    title="Ragas for beginners",
    description="Morning and evening ragas.",
    category="Music",
    access_days=None,
    currency="kwd",
    amount=12_500,
    terms_version="2026-01",
    terms_accepted_at=datetime(2026, 1, 1, tzinfo=UTC),
    success_url="https://shop.example/done?order=ord_1",
    cancel_url="https://shop.example/cancel",
    customer_id=None,
    attempt=1,
    session_expires_at=datetime(2026, 1, 2, tzinfo=UTC),
    session_id=None,
    state="open",
)


ONE_COURSE = {
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
    "metadata": {"order_id": "ord_1", "user_id": "usr_1"},
    "payment_intent_data": {
        "metadata": {"order_id": "ord_1", "user_id": "usr_1"},
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
    ids = {"order_id": "ord_1", "user_id": "usr_1"}
    assert params["metadata"] == ids
    assert params["payment_intent_data"]["metadata"] == ids
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


def test_a_known_customer_stands_for_the_address() -> None:
    assert session_params(ORDER)["customer_email"] == "asha@example.com"
    known = session_params(replace(ORDER, customer_id="cus_1"))
    assert known["customer"] == "cus_1"
    assert "customer_email" not in known


def test_an_empty_description_is_left_out_since_stripe_refuses_it() -> None:
    (item,) = session_params(replace(ORDER, description=""))["line_items"]
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
