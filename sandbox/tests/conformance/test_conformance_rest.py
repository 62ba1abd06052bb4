"""Operations that the other tests do not use: retrieve, list and update."""

from collections.abc import Callable

import pytest
import stripe
from conformance import Account, Subscriber, ids


def test_intents_are_listed_and_confirmed_later(account: Account) -> None:
    customer = account.customer()
    made = account.v1.payment_intents.create({"amount": 900, "currency": "usd", "customer": customer.id})
    assert ids(account.v1.payment_intents.list({"customer": customer.id}).data) == [made.id]
    assert account.v1.payment_intents.cancel(made.id).status == "canceled"
    setup = account.v1.setup_intents.create(
        {"customer": customer.id, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )
    assert ids(account.v1.setup_intents.list({"customer": customer.id}).data) == [setup.id]
    confirmed = account.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert confirmed.status == "succeeded"


def test_a_charge_is_changed_and_captured(account: Account) -> None:
    held = account.pay(capture_method="manual")
    charge = account.v1.charges.update(str(held.latest_charge), {"metadata": {"a": "b"}})
    assert charge.metadata["a"] == "b"
    captured = account.v1.charges.capture(charge.id, {"amount": 1200})
    assert (captured.captured, captured.amount_captured) == (True, 1200)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.charges.capture(charge.id)
    assert caught.value.code == "charge_already_captured"


def test_products_and_prices_are_retrieved_and_listed(account: Account) -> None:
    product, coupon = account.product(), account.coupon()
    code = account.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
    account.later(lambda: account.v1.promotion_codes.update(code.id, {"active": False}))
    assert account.v1.products.retrieve(product.id).name == product.name
    assert account.v1.coupons.retrieve(coupon.id).percent_off == coupon.percent_off
    assert coupon.id in ids(account.v1.coupons.list({"limit": 100}).data)
    assert account.v1.promotion_codes.retrieve(code.id).code == code.code


def test_invoices_and_their_items_are_retrieved_and_changed(account: Account) -> None:
    customer = account.customer(email="e@example.com")
    item = account.v1.invoice_items.create({"customer": customer.id, "amount": 500, "currency": "usd"})
    assert account.v1.invoice_items.retrieve(item.id).amount == 500
    assert ids(account.v1.invoice_items.list({"customer": customer.id, "pending": True}).data) == [item.id]
    invoice = account.v1.invoices.create(
        {"customer": customer.id, "auto_advance": False, "pending_invoice_items_behavior": "include"}
    )
    assert account.v1.invoice_items.list({"customer": customer.id, "pending": True}).data == []
    changed = account.v1.invoices.update(invoice.id, {"description": "Lessons", "footer": "Thanks"})
    assert (changed.description, changed.footer, changed.amount_due) == ("Lessons", "Thanks", 500)
    assert account.v1.invoices.delete(invoice.id).deleted is True


def test_a_subscription_s_discount_is_taken_off(
    account: Account, subscriber: Callable[..., Subscriber]
) -> None:
    someone = subscriber()
    coupon = account.coupon(percent_off=50, duration="forever")
    made = someone.subscribe(discounts=[{"coupon": coupon.id}])
    assert len(made.discounts) == 1
    assert account.v1.subscriptions.delete_discount(made.id).deleted is True
    assert account.v1.subscriptions.retrieve(made.id).discounts == []


def test_portal_configuration_is_retrieved_and_listed(account: Account) -> None:
    configurations = account.v1.billing_portal.configurations
    made = configurations.create({"features": {"invoice_history": {"enabled": False}}})
    account.later(lambda: configurations.update(made.id, {"active": False}))
    assert configurations.retrieve(made.id).features.invoice_history.enabled is False


def test_good_payment_has_no_early_fraud_warning(account: Account) -> None:
    intent = account.pay()
    assert account.v1.radar.early_fraud_warnings.list({"payment_intent": intent.id}).data == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.radar.early_fraud_warnings.retrieve("issfr_nothing")
    assert caught.value.http_status == 404
