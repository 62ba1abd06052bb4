"""PaymentIntents and charges."""

from msgspec import field

from schemas.rules.refund_reports import ListedRefund
from schemas.stripe.base import Inside, ListOf, OfCustomer, Part, Person, Referring, linked
from schemas.stripe.fields import Amount, Currency, Expanded, Ref, Text, Word
from schemas.stripe.returns import Refund


class _PaymentError(Part):
    type: Word | None = None
    code: Word | None = None
    decline_code: Word | None = None


class PaymentIntent(OfCustomer, tag="payment_intent"):
    """One attempt to collect an amount, over as many tries as the buyer needs."""

    LINKS = linked("charge", "invoice", "customer", payment_intent_id="id")

    amount: Amount
    currency: Currency
    status: Word
    _amount_received: Amount | None = None
    charge: Ref | None = field(name="latest_charge", default=None)
    invoice: Ref | None = None
    """Only up to acacia; later versions tie the two by invoice_payment.paid."""
    payment_method: Ref | None = None
    _last_payment_error: _PaymentError | None = None
    cancellation_reason: Word | None = None
    receipt_email: Text | None = None

    amount_received = Inside[int]("_amount_received", default=0)
    error_type = Inside[str | None]("_last_payment_error.type")
    error_code = Inside[str | None]("_last_payment_error.code")
    decline_code = Inside[str | None]("_last_payment_error.decline_code")
    """Why the bank refused the last try, such as insufficient_funds."""


class Card(Part):
    brand: Word | None = None
    country: Word | None = None
    last4: Word | None = None


class _MethodDetails(Part):
    type: Word | None = None
    card: Card | None = None
    card_present: Card | None = None


class WithCard(OfCustomer, kw_only=True):
    """What shows a card, which each kind has in another place: `_card`."""

    _billing_details: Person | None = None

    card_brand = Inside[str | None]("_card.brand")
    card_country = Inside[str | None]("_card.country")
    last4 = Inside[str | None]("_card.last4")
    billing_country = Inside[str | None]("_billing_details.address.country")


class _Outcome(Referring):
    type: Word | None = None
    reason: Word | Expanded | None = None
    risk_level: Word | None = None


class Charge(WithCard, tag="charge"):
    """One movement of a buyer's money, or one refused try. Our ids come with the PaymentIntent's metadata."""

    LINKS = linked("payment_intent", "invoice", "customer", charge_id="id")

    amount: Amount
    currency: Currency
    _amount_captured: Amount | None = None
    amount_refunded: Amount = 0
    status: Word | None = None
    refunded: bool = False
    """True only when the whole charge is refunded; a partial refund shows in `amount_refunded`."""
    paid: bool = False
    captured: bool = False
    disputed: bool = False
    balance_transaction: Ref | None = None
    payment_intent: Ref | None = None
    invoice: Ref | None = None
    _payment_method_details: _MethodDetails | None = None
    failure_code: Word | None = None
    _outcome: _Outcome | None = None
    _receipt_email: Text | None = None
    _refunds: ListOf[Refund] | None = None
    """Only in versions before 2022-11-15."""
    receipt_url: Text | None = None
    """Stripe's page with the receipt: anyone with the link may read it."""

    _card = Inside[Card | None]("_payment_method_details.card", "_payment_method_details.card_present")

    amount_captured = Inside[int]("_amount_captured", default=0)
    method_type = Inside[str | None]("_payment_method_details.type")
    outcome_type = Inside[str | None]("_outcome.type")
    outcome_reason = Inside[str | None]("_outcome.reason")
    risk_level = Inside[str | None]("_outcome.risk_level")
    receipt_email = Inside[str | None]("_receipt_email", "_billing_details.email")

    @property
    def amount_returned(self) -> int:
        """How much of the captured amount was refunded. An authorization that is released without a capture
        counts as refunded at Stripe, though no money had moved."""
        return self.amount_refunded if self.captured else 0

    @property
    def refunds(self) -> tuple[ListedRefund, ...]:
        """The refunds that the event lists, which may be the newest ones only."""
        return tuple(
            ListedRefund(each.id, each.amount, each.currency, each.status, each.created, each.line_ids)
            for each in (self._refunds.data if self._refunds else ())
        )
