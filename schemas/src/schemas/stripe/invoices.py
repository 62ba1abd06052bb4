"""Invoices and their payments.

Basil (2025-03-31) moved the subscription and its metadata under `parent.subscription_details`, the
payments to `payments`, the tax to `total_taxes`, and a line's price and subscription under `pricing` and
`parent`.
"""

from collections.abc import Iterable, Mapping, Sequence

from schemas.rules.origin import origin_of
from schemas.stripe.base import Inside, ListOf, Part, Referring, Resource, linked
from schemas.stripe.discounts import Discounted
from schemas.stripe.fields import (
    Amount,
    Count,
    Currency,
    Id,
    Metadata,
    Ref,
    SignedAmount,
    Text,
    Timestamp,
    Word,
)


class _SubscriptionDetails(Referring):
    subscription: Ref | None = None
    subscription_item: Ref | None = None
    proration: bool = False
    metadata: Metadata | None = None


class _Parent(Part):
    """What an invoice or a line is for."""

    subscription_details: _SubscriptionDetails | None = None
    subscription_item_details: _SubscriptionDetails | None = None
    invoice_item_details: _SubscriptionDetails | None = None


class _AmountOf(Part):
    amount: SignedAmount = 0


class _Period(Part):
    start: Timestamp | None = None
    end: Timestamp | None = None


class _LinePrice(Referring):
    id: Id
    product: Ref | None = None


class _PriceDetails(Referring):
    price: Ref | None = None
    product: Ref | None = None


class _Pricing(Part):
    price_details: _PriceDetails | None = None


class InvoiceLine(Referring):
    """One line of an invoice; `amount` is before its `discount_amount` and negative for a credit."""

    id: Id
    amount: SignedAmount = 0
    currency: Currency | None = None
    description: Text | None = None
    _quantity: Count | None = None
    _period: _Period | None = None
    _price: _LinePrice | None = None
    _pricing: _Pricing | None = None
    _subscription: Ref | None = None
    _subscription_item: Ref | None = None
    _proration: bool = False
    _parent: _Parent | None = None
    _discount_amounts: list[_AmountOf] | None = None

    _details = Inside[_SubscriptionDetails | None](
        "_parent.subscription_item_details", "_parent.invoice_item_details"
    )

    quantity = Inside[int]("_quantity", default=1)
    period_start = Inside[int | None]("_period.start")
    period_end = Inside[int | None]("_period.end")
    price = Inside[str | None]("_pricing.price_details.price", "_price.id")
    product = Inside[str | None]("_pricing.price_details.product", "_price.product")
    subscription = Inside[str | None]("_details.subscription", "_subscription")
    subscription_item = Inside[str | None]("_details.subscription_item", "_subscription_item")
    proration = Inside[bool]("_details.proration", "_proration")

    @property
    def discount_amount(self) -> int:
        return _sum(self._discount_amounts)


class _Payment(Referring):
    payment_intent: Ref | None = None
    charge: Ref | None = None


class _InvoicePayment(Part):
    payment: _Payment | None = None
    status: Word | None = None
    is_default: bool = False


class Invoice(Discounted, tag="invoice"):
    """An invoice of a subscription, or a single one. Totals may be negative (a credit)."""

    LINKS = linked("subscription", "payment_intent", "charge", "customer", invoice_id="id")

    currency: Currency
    status: Word | None = None
    """draft, open, paid, uncollectible or void."""
    billing_reason: Word | None = None
    """subscription_create, subscription_cycle, subscription_update, manual, …"""
    customer_email: Text | None = None
    _subscription: Ref | None = None
    _subscription_details: _SubscriptionDetails | None = None
    _parent: _Parent | None = None
    amount_due: SignedAmount = 0
    amount_paid: SignedAmount = 0
    amount_remaining: SignedAmount = 0
    subtotal: SignedAmount = 0
    total: SignedAmount = 0
    _tax: SignedAmount | None = None
    _total_taxes: list[_AmountOf] | None = None
    _total_discount_amounts: list[_AmountOf] | None = None
    attempt_count: Count = 0
    next_payment_attempt: Timestamp | None = None
    due_date: Timestamp | None = None
    hosted_invoice_url: Text | None = None
    number: Word | None = None
    period_end: Timestamp | None = None
    """When the invoice was drawn up; the period that it pays begins then. Stripe looks back one period here.
    """
    _lines: ListOf[InvoiceLine] | None = None
    _payment_intent: Ref | None = None
    _charge: Ref | None = None
    _payments: ListOf[_InvoicePayment] | None = None

    subscription = Inside[str | None]("_parent.subscription_details.subscription", "_subscription")
    subscription_metadata = Inside[Mapping[str, str]](
        "_parent.subscription_details.metadata", "_subscription_details.metadata", default={}
    )
    lines = Inside[Sequence[InvoiceLine]]("_lines.data", default=())
    payment_intent = Inside[str | None]("_paid_by.payment_intent", "_payment_intent")
    charge = Inside[str | None]("_paid_by.charge", "_charge")

    @property
    def _paid_by(self) -> _Payment | None:
        """The payment that paid; else the default one, which Stripe tries; else the first.

        The one that paid may be missing from the first page; its InvoicePayment links it to the invoice.
        """
        payments = self._payments.data if self._payments else ()
        order = sorted(payments, key=lambda payment: (payment.status != "paid", not payment.is_default))
        return next((payment.payment for payment in order if payment.payment), None)

    @property
    def tax(self) -> int:
        return _sum(self._total_taxes) if self._tax is None else self._tax

    @property
    def discount(self) -> int:
        return _sum(self._total_discount_amounts)

    @property
    def has_all_lines(self) -> bool:
        """False if the event holds only the first of the lines, or none."""
        return self._lines is not None and not self._lines.has_more

    @property
    def paid_until(self) -> int | None:
        """The end of the subscription period that the lines here pay; prorations do not extend it.

        It proves nothing unless `has_all_lines`: the first ten lines of an invoice may all be prorations.
        """
        ends = [line.period_end for line in self.lines if line.subscription and not line.proration]
        return max((end for end in ends if end), default=None)

    def links(self) -> dict[str, str]:
        return {**origin_of(self.subscription_metadata), **super().links()}


def _sum(amounts: Iterable[_AmountOf] | None) -> int:
    return sum(item.amount for item in amounts or ())


class InvoicePayment(Resource, tag="invoice_payment"):
    """What ties a payment to the invoice that it pays; comes some seconds after both."""

    LINKS = linked("invoice", "payment_intent", "charge")

    invoice: Ref
    _payment: _Payment | None = None
    status: Word | None = None
    currency: Currency | None = None
    _amount_paid: Amount | None = None
    _amount_requested: Amount | None = None
    is_default: bool = False

    payment_intent = Inside[str | None]("_payment.payment_intent")
    charge = Inside[str | None]("_payment.charge")
    amount_paid = Inside[int]("_amount_paid", default=0)
    amount_requested = Inside[int]("_amount_requested", default=0)
