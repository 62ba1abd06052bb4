"""Checkout Sessions without a browser."""

import time
from typing import Any

import pytest
import stripe
from conformance import Account, ids

THANKS = "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}"


def line(amount: int = 1500, name: str = "Pottery", quantity: int = 1) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": name}},
    }


def session(account: Account, **changes: Any) -> stripe.checkout.Session:
    """A session; it is expired at the end of the test."""
    params: dict[str, Any] = {"mode": "payment", "success_url": THANKS, "line_items": [line()], **changes}
    params = {name: value for name, value in params.items() if value is not None}
    made = account.v1.checkout.sessions.create(params)  # type: ignore[arg-type]
    account.later(lambda: account.v1.checkout.sessions.expire(made.id))
    return made


def test_session_in_payment_mode_has_the_expected_fields(account: Account) -> None:
    made = session(
        account,
        line_items=[line(1500, "Pottery", 2), line(990, "Clay")],
        client_reference_id="ord_1",
        metadata={"order_id": "ord_1"},
        payment_intent_data={"metadata": {"order_id": "ord_1"}},
        customer_email="a@example.com",
        cancel_url="https://shop.example/cart",
    )
    assert (made.object, made.mode, made.status, made.payment_status) == (
        "checkout.session",
        "payment",
        "open",
        "unpaid",
    )
    assert (made.amount_subtotal, made.amount_total, made.currency) == (3990, 3990, "usd")
    assert (made.payment_intent, made.ui_mode, made.client_reference_id) == (None, "hosted_page", "ord_1")
    assert made.url is not None
    assert made.id.startswith("cs_test_")
    assert 86_000 < made.expires_at - made.created < 87_000
    lines = account.v1.checkout.sessions.line_items.list(made.id).data
    assert sorted((item.description, item.quantity, item.amount_total) for item in lines) == [
        ("Clay", 1, 990),
        ("Pottery", 2, 3000),
    ]
    found = account.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items"]})
    assert found.line_items is not None
    assert len(found.line_items.data) == 2
    changed = account.v1.checkout.sessions.update(made.id, {"metadata": {"note": "x"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"order_id": "ord_1", "note": "x"}


def test_session_can_be_expired_only_once(account: Account) -> None:
    made = session(account, after_expiration={"recovery": {"enabled": True}})
    expired = account.v1.checkout.sessions.expire(made.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert expired.after_expiration is not None
    assert expired.after_expiration.recovery is not None
    assert expired.after_expiration.recovery.url is not None
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.checkout.sessions.expire(made.id)
    assert caught.value.http_status == 400
    account.event("checkout.session.expired", made.id)


def test_a_session_of_a_customer_is_listed(account: Account) -> None:
    customer = account.customer(email="b@example.com")
    made = session(account, customer=customer.id)
    assert (made.customer, made.customer_email) == (customer.id, None)
    assert made.customer_details is not None
    assert made.customer_details.email == "b@example.com"
    assert ids(account.v1.checkout.sessions.list({"customer": customer.id}).data) == [made.id]
    assert account.v1.checkout.sessions.list({"customer": customer.id, "status": "complete"}).data == []


def test_sessions_for_subscriptions_and_set_ups(account: Account) -> None:
    price = account.price(2000, interval="month")
    subscription = session(
        account,
        mode="subscription",
        line_items=[{"price": price.id, "quantity": 1}],
        subscription_data={"trial_period_days": 7, "metadata": {"order_id": "ord_1"}},
    )
    assert (subscription.mode, subscription.status, subscription.subscription) == (
        "subscription",
        "open",
        None,
    )
    assert subscription.payment_method_collection == "always"
    setup = session(account, mode="setup", line_items=None, currency="usd")
    assert (setup.mode, setup.payment_status, setup.amount_total) == ("setup", "no_payment_required", None)
    assert setup.setup_intent is not None


@pytest.mark.parametrize("ui_mode", ["embedded_page", "elements"])
def test_sessions_for_embedded_pages_and_elements(account: Account, ui_mode: str) -> None:
    made = session(account, ui_mode=ui_mode, success_url=None, return_url=THANKS)
    assert (made.ui_mode, made.url) == (ui_mode, None)
    assert made.client_secret is not None
    assert made.client_secret.startswith(made.id)


def test_a_discount_is_taken_off(account: Account) -> None:
    coupon = account.coupon(percent_off=10)
    made = session(account, discounts=[{"coupon": coupon.id}])
    assert (made.amount_subtotal, made.amount_total) == (1500, 1350)
    assert made.total_details is not None
    assert made.total_details.amount_discount == 150
    whole = account.coupon(percent_off=100)
    free = session(account, discounts=[{"coupon": whole.id}])
    assert (free.amount_total, free.payment_status) == (0, "no_payment_required")
    assert session(account, allow_promotion_codes=True).allow_promotion_codes is True


def test_session_with_consent_and_early_expiry(account: Account) -> None:
    soon = int(time.time()) + 3600
    made = session(account, expires_at=soon, consent_collection={"promotions": "none"})
    assert made.expires_at == soon
    assert made.consent_collection is not None
    assert made.consent_collection.promotions == "none"


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"mode": None}, "mode", "parameter_missing"),
        ({"line_items": [{**line(), "pricee": "x"}]}, "line_items[0][pricee]", "parameter_unknown"),
        ({"success_url": "nowhere"}, "success_url", "url_invalid"),
        ({"customer_email": "invalid"}, "customer_email", "email_invalid"),
        ({"customer": "cus_nobody"}, "customer", "resource_missing"),
        (
            {"line_items": [{"price": "price_nothing", "quantity": 1}]},
            "line_items[0][price]",
            "resource_missing",
        ),
        ({"line_items": [line(-5)]}, "line_items[0][price_data][unit_amount]", "parameter_invalid_integer"),
        ({"expires_at": 1}, "expires_at", None),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
    ],
)
def test_invalid_session_parameters_are_refused(
    account: Account, changes: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        session(account, **changes)
    assert (caught.value.http_status, caught.value.param) == (400, param)
    if code is not None:
        assert caught.value.code == code
