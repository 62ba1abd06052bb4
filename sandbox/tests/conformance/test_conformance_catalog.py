"""Customers, products, prices, coupons and promotion codes."""

import time
import uuid
from decimal import Decimal

import pytest
import stripe
from conformance import Account, ids


def test_customer_is_created_changed_and_deleted(account: Account) -> None:
    customer = account.customer(email="a@example.com", address={"city": "Pune", "country": "IN"})
    assert (customer.object, customer.livemode, customer.email) == ("customer", False, "a@example.com")
    assert customer.address is not None
    assert (customer.address.city, customer.address.line1) == ("Pune", None)
    changed = account.v1.customers.update(customer.id, {"name": "Kim", "email": ""})
    assert (changed.name, changed.email) == ("Kim", None)
    event = account.event("customer.updated", customer.id)
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes["name"] == "Conformance"
    assert account.v1.customers.delete(customer.id).deleted is True
    left = account.v1.customers.retrieve(customer.id)
    assert left.to_dict() == {"id": customer.id, "object": "customer", "deleted": True}
    account.in_order(
        ("customer.created", customer.id),
        ("customer.updated", customer.id),
        ("customer.deleted", customer.id),
    )


def test_product_is_created_with_a_default_price(account: Account) -> None:
    product = account.product(default_price_data={"currency": "eur", "unit_amount": 4900})
    price = account.v1.prices.retrieve(str(product.default_price))
    assert (price.unit_amount, price.unit_amount_decimal, price.currency) == (
        4900,
        Decimal(4900),
        "eur",
    )
    assert (price.type, price.billing_scheme, price.active) == ("one_time", "per_unit", True)
    assert account.v1.products.update(product.id, {"description": "Changed"}).description == "Changed"
    assert ids(account.v1.products.list({"ids": [product.id]}).data) == [product.id]
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.products.delete(product.id)
    empty = account.v1.products.create({"name": "Nothing sold"})
    assert account.v1.products.delete(empty.id).deleted is True
    account.in_order(("product.created", product.id), ("product.updated", product.id))
    account.event("product.deleted", empty.id)


def test_a_price_never_changes_its_amount(account: Account) -> None:
    key = uuid.uuid4().hex
    price = account.price(1000, lookup_key=key, currency_options={"jpy": {"unit_amount": 1500}})
    product = str(price.product)
    assert ids(account.v1.prices.list({"lookup_keys": [key]}).data) == [price.id]
    shown = account.v1.prices.retrieve(price.id, {"expand": ["currency_options"]})
    assert shown.currency_options is not None
    assert shown.currency_options["jpy"].unit_amount == 1500
    with pytest.raises(stripe.InvalidRequestError):
        account.price(2000, lookup_key=key, product=product)
    moved = account.price(2000, lookup_key=key, product=product, transfer_lookup_key=True)
    assert ids(account.v1.prices.list({"lookup_keys": [key]}).data) == [moved.id]
    assert account.v1.prices.update(price.id, {"active": False}).active is False
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.prices.update(price.id, {"unit_amount": 1})  # type: ignore[typeddict-unknown-key]
    assert (caught.value.param, caught.value.code) == ("unit_amount", "parameter_unknown")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.price(-1, product=product)
    assert caught.value.param == "unit_amount"
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency"):
        account.price(100, product=product, currency="xyz")


def test_coupons(account: Account) -> None:
    percent = account.coupon(percent_off=12.5, name="An eighth", max_redemptions=3)
    assert (percent.percent_off, percent.amount_off, percent.valid) == (12.5, None, True)
    assert percent.times_redeemed == 0
    fixed = account.v1.coupons.create({"amount_off": 500, "currency": "usd", "duration": "forever"})
    account.later(lambda: account.v1.coupons.delete(fixed.id))
    assert (fixed.amount_off, fixed.currency, fixed.duration) == (500, "usd", "forever")
    assert account.v1.coupons.update(fixed.id, {"name": "Five off"}).name == "Five off"
    for wrong in (
        {"percent_off": 101},
        {"percent_off": 10, "amount_off": 5, "currency": "usd"},
        {"amount_off": 5},
        {"percent_off": 10, "duration": "repeating"},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            account.v1.coupons.create(wrong)  # type: ignore[arg-type]
    assert account.v1.coupons.delete(percent.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.coupons.retrieve(percent.id)
    assert caught.value.http_status == 404
    account.in_order(("coupon.created", percent.id), ("coupon.deleted", percent.id))


def test_promotion_codes(account: Account) -> None:
    coupon = account.coupon()
    text = f"C{uuid.uuid4().hex[:10]}".upper()
    code = account.v1.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": coupon.id},
            "code": text,
            "max_redemptions": 2,
            "expires_at": int(time.time()) + 86_400,
            "restrictions": {"minimum_amount": 1000, "minimum_amount_currency": "usd"},
        }
    )
    account.later(lambda: account.v1.promotion_codes.update(code.id, {"active": False}))
    assert (code.active, code.times_redeemed, code.promotion.coupon) == (True, 0, coupon.id)
    assert ids(account.v1.promotion_codes.list({"code": text}).data) == [code.id]
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": text}
        )
    assert account.v1.promotion_codes.update(code.id, {"active": False}).active is False
    account.in_order(("promotion_code.created", code.id), ("promotion_code.updated", code.id))
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "nothing"}})
    assert caught.value.code == "resource_missing"
