"""Discounts of subscriptions, and the coupon parameters that only older API versions had."""

import pytest
import stripe
from sandbox_server import Running
from sandbox_stage import Stage, at

AUTH = {"Authorization": "Bearer sk_test_x"}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/customers", {}),
        ("/v1/customers/{customer}", {}),
        ("/v1/subscriptions", {"customer": "{customer}", "items[0][price]": "price_x"}),
        ("/v1/promotion_codes", {"code": "SPRING"}),
    ],
)
def test_coupon_of_older_versions_is_refused_and_its_replacement_named(
    sandbox: Running, path: str, form: dict[str, str]
) -> None:
    customer = sandbox.client.v1.customers.create({}).id
    data = {name: value.format(customer=customer) for name, value in form.items()}
    coupon = sandbox.client.v1.coupons.create({"percent_off": 10}).id
    headers = AUTH | {"Stripe-Version": "2026-10-28.endive"}
    answer = sandbox.http.post(
        path.format(customer=customer), data={**data, "coupon": coupon}, headers=headers
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, "coupon", "parameter_unknown")
    assert "discounts" in error["message"] or "promotion[coupon]" in error["message"]


def test_callers_without_a_version_may_name_a_promotion_code_s_coupon_at_the_top(sandbox: Running) -> None:
    coupon = sandbox.client.v1.coupons.create({"percent_off": 10}).id
    form = {"coupon": coupon, "code": "SPRING"}
    made = sandbox.http.post("/v1/promotion_codes", data=form, headers=AUTH).json()
    assert made["promotion"] == {"coupon": coupon, "type": "coupon"}


def test_promotion_code_without_promotion_is_refused(sandbox: Running) -> None:
    error = sandbox.http.post("/v1/promotion_codes", data={"code": "SUMMER"}, headers=AUTH).json()["error"]
    assert (error["param"], error["code"]) == ("promotion", "parameter_missing")


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
