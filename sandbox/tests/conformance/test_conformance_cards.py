"""Setup intents and payment methods: cards that are saved."""

import pytest
import stripe
from conformance import Account, ids


def test_a_card_is_set_up_for_later(account: Account) -> None:
    customer = account.customer()
    intent = account.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "usage": "off_session",
        }
    )
    assert (intent.status, intent.usage, intent.customer) == ("succeeded", "off_session", customer.id)
    cards = account.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data
    assert ids(cards) == [intent.payment_method]
    account.in_order(("setup_intent.created", intent.id), ("setup_intent.succeeded", intent.id))
    off_session = account.pay(
        str(intent.payment_method),
        customer=customer.id,
        off_session=True,
        automatic_payment_methods={"enabled": True},
    )
    assert off_session.status == "succeeded"


def test_setup_intent_is_declined(account: Account) -> None:
    with pytest.raises(stripe.CardError) as caught:
        account.v1.setup_intents.create(
            {
                "payment_method": "pm_card_chargeDeclined",
                "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )
    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
    assert caught.value.error is not None
    intent = account.v1.setup_intents.retrieve(caught.value.error.setup_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_setup_error is not None
    account.event("setup_intent.setup_failed", intent.id)


def test_setup_intent_is_canceled(account: Account) -> None:
    intent = account.v1.setup_intents.create({"description": "Later", "metadata": {"a": "b"}})
    assert intent.status == "requires_payment_method"
    assert account.v1.setup_intents.update(intent.id, {"description": "Never"}).description == "Never"
    cancelled = account.v1.setup_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert caught.value.code == "setup_intent_unexpected_state"
    account.event("setup_intent.canceled", intent.id)


def test_a_card_is_attached_changed_and_detached(account: Account) -> None:
    customer, other = account.customer(), account.customer()
    card = account.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    assert card.card is not None
    assert (card.type, card.card.brand, card.card.last4) == ("card", "mastercard", "4444")
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_methods.attach(card.id, {"customer": other.id})
    updated = account.v1.payment_methods.update(
        card.id, {"billing_details": {"name": "Kim"}, "card": {"exp_month": 11, "exp_year": 2040}}
    )
    assert updated.card is not None
    assert (updated.billing_details.name, updated.card.exp_year) == ("Kim", 2040)
    account.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    assert ids(account.v1.customers.payment_methods.list(customer.id).data) == [card.id]
    assert account.v1.customers.payment_methods.retrieve(customer.id, card.id).id == card.id
    assert account.v1.payment_methods.detach(card.id).customer is None
    assert account.v1.payment_methods.list({"customer": customer.id}).data == []
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.payment_methods.detach(card.id)
    account.in_order(
        ("payment_method.attached", card.id),
        ("payment_method.updated", card.id),
        ("payment_method.detached", card.id),
    )


def test_a_declined_card_is_not_attached(account: Account) -> None:
    customer = account.customer()
    with pytest.raises(stripe.CardError) as caught:
        account.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})
    assert caught.value.code == "card_declined"
    later = account.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    with pytest.raises(stripe.CardError):
        account.pay(later.id, customer=customer.id)


def test_payment_method_is_created_from_a_token(account: Account) -> None:
    made = account.v1.payment_methods.create(
        {"type": "card", "card": {"token": "tok_visa"}, "metadata": {"a": "b"}}
    )
    assert made.card is not None
    assert (made.card.last4, made.customer) == ("4242", None)
    assert account.v1.payment_methods.retrieve(made.id).id == made.id
    with pytest.raises(stripe.InvalidRequestError) as caught:
        account.v1.payment_methods.create({"type": "card", "card": {"token": "tok_nothing"}})
    assert caught.value.code == "resource_missing"
