"""Discounts of customers and subscriptions, which last longer than one purchase."""

import httpx
import pytest
import stripe
from sandbox_server import Running
from sandbox_stage import Stage, at

AUTH = {"Authorization": "Bearer sk_test_x"}


def old_api(sandbox: Running, path: str, **form: str) -> httpx.Response:
    """A request without Stripe-Version, as an account with an older default sends it."""
    return sandbox.http.post(path, data=form, headers=AUTH)


def test_a_customer_s_discount_is_taken_off_each_invoice_and_taken_back(sandbox: Running) -> None:
    stage = Stage(sandbox)
    coupon = stage.v1.coupons.create({"percent_off": 25, "duration": "forever"}).id
    given = old_api(sandbox, f"/v1/customers/{stage.customer}", coupon=coupon).json()
    assert given["discount"]["source"] == {"coupon": coupon, "type": "coupon"}
    assert stage.types()[-2:] == ["customer.discount.created", "customer.updated"]
    assert stage.v1.customers.retrieve(stage.customer).discount is not None
    first = stage.v1.invoices.retrieve(str(stage.subscribe().latest_invoice))
    assert (first.subtotal, first.amount_paid) == (2000, 1500)
    gone = stage.v1.customers.delete_discount(stage.customer)
    assert gone.deleted is True
    assert stage.types()[-1] == "customer.discount.deleted"
    assert stage.v1.customers.retrieve(stage.customer).discount is None
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stage.v1.customers.delete_discount(stage.customer)
    assert caught.value.http_status == 404
    stage.advance(at(2027, 2, 28, 14))
    assert stage.v1.invoices.list({"limit": 1}).data[0].amount_paid == 2000


def test_another_coupon_takes_the_place_of_a_customer_s_discount(sandbox: Running) -> None:
    first, second = (sandbox.client.v1.coupons.create({"percent_off": p}).id for p in (10, 20))
    customer = old_api(sandbox, "/v1/customers", coupon=first).json()
    changed = old_api(sandbox, f"/v1/customers/{customer['id']}", coupon=second).json()
    assert changed["discount"]["source"]["coupon"] == second
    assert old_api(sandbox, f"/v1/customers/{customer['id']}", coupon="").json()["discount"] is None
    types = [event.type for event in sandbox.client.v1.events.list({"type": "customer.discount.*"}).data]
    assert types[::-1] == [
        "customer.discount.created",
        "customer.discount.updated",
        "customer.discount.deleted",
    ]


def test_newer_versions_no_longer_take_a_customer_s_coupon(sandbox: Running) -> None:
    coupon = sandbox.client.v1.coupons.create({"percent_off": 10}).id
    for version, status in (("2025-02-24.acacia", 200), ("2025-03-31.basil", 400)):
        headers = AUTH | {"Stripe-Version": version}
        answer = sandbox.http.post("/v1/customers", data={"coupon": coupon}, headers=headers)
        assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["param"], error["code"]) == ("coupon", "parameter_unknown")


def test_older_versions_name_a_promotion_code_s_coupon_at_the_top(sandbox: Running) -> None:
    coupon = sandbox.client.v1.coupons.create({"percent_off": 10}).id
    made = old_api(sandbox, "/v1/promotion_codes", coupon=coupon, code="SPRING").json()
    assert made["promotion"] == {"coupon": coupon, "type": "coupon"}
    neither = old_api(sandbox, "/v1/promotion_codes", code="SUMMER").json()["error"]
    assert (neither["param"], neither["code"]) == ("promotion", "parameter_missing")


def test_a_subscription_s_discount_is_changed_and_taken_off(sandbox: Running) -> None:
    stage = Stage(sandbox)
    half = stage.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
    third = stage.v1.coupons.create({"amount_off": 700, "currency": "usd", "duration": "forever"}).id
    subscription = stage.subscribe(discounts=[{"coupon": half}])
    changed = stage.v1.subscriptions.update(subscription.id, {"discounts": [{"coupon": third}]})
    assert len(changed.discounts) == 1
    assert changed.discounts != subscription.discounts
    kept = stage.v1.subscriptions.update(
        subscription.id, {"discounts": [{"discount": str(changed.discounts[0])}]}
    )
    assert kept.discounts == changed.discounts
    stage.advance(at(2027, 2, 28, 14))
    assert stage.v1.invoices.list({"limit": 1}).data[0].amount_paid == 1300
    assert stage.v1.subscriptions.delete_discount(subscription.id).deleted is True
    assert stage.v1.subscriptions.retrieve(subscription.id).discounts == []
    with pytest.raises(stripe.InvalidRequestError):
        stage.v1.subscriptions.delete_discount(subscription.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stage.v1.subscriptions.update(
            subscription.id, {"discounts": [{"coupon": half, "promotion_code": "x"}]}
        )
    assert caught.value.param == "discounts[0]"
