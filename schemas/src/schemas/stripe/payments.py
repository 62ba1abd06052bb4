"""PaymentIntents and charges."""

from typing import ClassVar

from msgspec import field

from schemas.stripe.base import Address, View, Wire, links
from schemas.stripe.fields import Amount, Currency, Expanded, Id, Metadata, Ref, Text, Timestamp, Word, ref


class _PaymentError(Wire):
    type: Word | None = None
    code: Word | None = None
    decline_code: Word | None = None


class PaymentIntentWire(Wire, tag_field="object", tag="payment_intent"):
    id: Id
    amount: Amount
    currency: Currency
    status: Word
    amount_received: Amount | None = None
    customer: Ref = None
    latest_charge: Ref = None
    invoice: Ref = None
    payment_method: Ref = None
    last_payment_error: _PaymentError | None = None
    cancellation_reason: Word | None = None
    receipt_email: Text | None = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "PaymentIntentView":
        error = self.last_payment_error or _PaymentError()
        return self.read_as(
            PaymentIntentView,
            charge=ref(self.latest_charge),
            error_type=error.type,
            error_code=error.code,
            decline_code=error.decline_code,
        )


class PaymentIntentView(View, frozen=True, kw_only=True):
    """One attempt to collect an amount, over as many tries as the buyer needs."""

    KIND: ClassVar[str] = "payment_intent"

    id: str
    amount: int
    amount_received: int = 0
    currency: str
    status: str
    customer: str | None
    charge: str | None
    """The latest charge."""
    invoice: str | None
    """Only up to acacia; later versions tie the two by invoice_payment.paid."""
    payment_method: str | None
    error_type: str | None
    error_code: str | None
    decline_code: str | None
    """Why the bank refused the last try, such as insufficient_funds."""
    cancellation_reason: str | None
    receipt_email: str | None
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    def links(self) -> dict[str, str]:
        return links(
            self.metadata,
            payment_intent_id=self.id,
            charge_id=self.charge,
            invoice_id=self.invoice,
            customer_id=self.customer,
        )


class Card(Wire):
    brand: Word | None = None
    country: Word | None = None
    last4: Word | None = None


class _MethodDetails(Wire):
    type: Word | None = None
    card: Card | None = None
    card_present: Card | None = None


class BillingDetails(Wire):
    address: Address | None = None
    email: Text | None = None
    name: Text | None = None


def card_facts(card: Card | None, billing: BillingDetails | None) -> dict[str, str | None]:
    """What the views of charges and payment methods show of a card."""
    card = card or Card()
    return {
        "card_brand": card.brand,
        "card_country": card.country,
        "last4": card.last4,
        "billing_country": billing.address.country if billing and billing.address else None,
    }


class _Outcome(Wire):
    type: Word | None = None
    reason: Word | Expanded | None = None
    risk_level: Word | None = None
    network_status: Word | None = None


class ChargeWire(Wire, tag_field="object", tag="charge"):
    id: Id
    amount: Amount
    currency: Currency
    status: Word | None = None
    amount_captured: Amount | None = None
    amount_refunded: Amount = 0
    refunded: bool = False
    paid: bool = False
    captured: bool = False
    disputed: bool = False
    balance_transaction: Ref = None
    payment_intent: Ref = None
    customer: Ref = None
    invoice: Ref = None
    payment_method_details: _MethodDetails | None = None
    billing_details: BillingDetails | None = None
    failure_code: Word | None = None
    outcome: _Outcome | None = None
    receipt_email: Text | None = None
    receipt_url: Text | None = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "ChargeView":
        method = self.payment_method_details or _MethodDetails()
        outcome = self.outcome or _Outcome()
        return self.read_as(
            ChargeView,
            method_type=method.type,
            **card_facts(method.card or method.card_present, self.billing_details),
            outcome_type=outcome.type,
            outcome_reason=ref(outcome.reason),
            risk_level=outcome.risk_level,
            receipt_email=self.receipt_email or (self.billing_details and self.billing_details.email),
        )


class ChargeView(View, frozen=True, kw_only=True):
    """One movement of a buyer's money, or one refused try. Our ids come with the PaymentIntent's metadata."""

    KIND: ClassVar[str] = "charge"

    id: str
    amount: int
    amount_captured: int = 0
    amount_refunded: int
    currency: str
    status: str | None
    refunded: bool
    """True only when the whole charge is refunded; a partial refund shows in `amount_refunded`."""
    paid: bool
    captured: bool
    disputed: bool
    balance_transaction: str | None
    payment_intent: str | None
    customer: str | None
    invoice: str | None
    method_type: str | None
    card_brand: str | None
    card_country: str | None
    last4: str | None
    billing_country: str | None
    failure_code: str | None
    outcome_type: str | None
    outcome_reason: str | None
    risk_level: str | None
    receipt_email: str | None
    receipt_url: str | None
    """Stripe's page with the receipt: anyone with the link may read it."""
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    def links(self) -> dict[str, str]:
        return links(
            self.metadata,
            charge_id=self.id,
            payment_intent_id=self.payment_intent,
            invoice_id=self.invoice,
            customer_id=self.customer,
        )
