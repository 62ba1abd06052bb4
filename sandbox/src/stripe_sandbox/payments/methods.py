"""Payment methods: which data of a card or bank account may be stored."""

from __future__ import annotations

import hashlib

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest, ResourceMissing
from stripe_sandbox.payments import cards
from stripe_sandbox.payments.cards import TestCard

EMPTY_ADDRESS: dict[str, None] = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def billing_details(
    *, email: str | None = None, name: str | None = None, country: str | None = None, phone: str | None = None
) -> Object:
    """The billing details of a payment method."""
    return {
        "address": {**EMPTY_ADDRESS, "country": country},
        "email": email,
        "name": name,
        "phone": phone,
        "tax_id": None,
    }


def card_payment_method(
    sandbox: Sandbox,
    card: TestCard,
    billing: Object | None = None,
    *,
    customer: str | None = None,
    exp_month: int = 12,
    exp_year: int = 2034,
    allow_redisplay: str = "unspecified",
) -> Object:
    """Store a new payment method: a card, or a bank debit for a test account."""
    if card.delayed is not None:
        return _bank_debit(sandbox, card, billing or billing_details(), customer)
    return sandbox.store.insert(
        sandbox.new(
            "pm",
            "payment_method",
            allow_redisplay=allow_redisplay,
            billing_details=billing or billing_details(),
            card={
                "brand": card.brand,
                "checks": {
                    "address_line1_check": None,
                    "address_postal_code_check": None,
                    "cvc_check": "fail" if card.name == "incorrect_cvc" else "pass",
                },
                "country": card.country,
                "display_brand": card.brand,
                "exp_month": exp_month,
                "exp_year": exp_year,
                "fingerprint": hashlib.sha256(card.name.encode()).hexdigest()[:16],
                "funding": card.funding,
                "generated_from": None,
                "last4": card.last4,
                "networks": {"available": [card.brand], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            customer=customer,
            customer_account=None,
            type="card",
            _={"card": card.name},
        )
    )


def _bank_debit(sandbox: Sandbox, account: TestCard, billing: Object, customer: str | None) -> Object:
    return sandbox.store.insert(
        sandbox.new(
            "pm",
            "payment_method",
            allow_redisplay="limited",
            billing_details=billing,
            customer=customer,
            customer_account=None,
            sepa_debit=debit_details(account) | {"generated_from": {"charge": None, "setup_attempt": None}},
            type="sepa_debit",
            _={"card": account.name},
        )
    )


def debit_details(account: TestCard) -> Object:
    """The data of a bank account that may be shown."""
    return {
        "bank_code": "37040044",
        "branch_code": "",
        "country": account.country,
        "fingerprint": hashlib.sha256(account.name.encode()).hexdigest()[:16],
        "last4": account.last4,
    }


def test_card_of(method: Object) -> TestCard:
    """The test card of a payment method."""
    return cards.BY_NAME[method["_"]["card"]]


def resolve(sandbox: Sandbox, id_: str, *, param: str) -> Object:
    """The payment method with this id; `pm_card_visa` and similar ids create a new one. Raises
    ResourceMissing.
    """
    if id_ in cards.ALIASES:
        return card_payment_method(sandbox, cards.BY_NAME[cards.ALIASES[id_]])
    found = sandbox.store.get(id_, "payment_method")
    if found is None:
        raise ResourceMissing("PaymentMethod", id_, param=param, status=400)
    return found


def attach(sandbox: Sandbox, method: Object, customer: str) -> Object:
    """Attach the payment method to a customer: `payment_method.attached`. Raises InvalidRequest if it belongs
    to another customer.
    """
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise InvalidRequest(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    method["customer"] = customer
    sandbox.store.update(method)
    sandbox.events.emit("payment_method.attached", method)
    return method


def detach(sandbox: Sandbox, method: Object) -> Object:
    """Detach the payment method from its customer: `payment_method.detached`; it is no longer a default."""
    owner = method["customer"]
    if owner is None:
        raise InvalidRequest(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            code="payment_method_unexpected_state",
        )
    customer = sandbox.store.get(owner, "customer")
    if customer is not None and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        sandbox.store.update(customer)
    method["customer"] = None
    sandbox.store.update(method)
    sandbox.events.emit("payment_method.detached", method, {"customer": owner})
    return method
