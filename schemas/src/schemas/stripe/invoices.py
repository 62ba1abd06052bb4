"""Invoices and their payments.

Basil (2025-03-31) moved the subscription and its metadata under `parent.subscription_details`, the
payments to `payments`, the tax to `total_taxes`, and a line's price and subscription under `pricing` and
`parent`.
"""

from typing import ClassVar

from msgspec import field

from schemas.stripe.base import Part, View, Wire, links
from schemas.stripe.discounts import Discount, DiscountWire, coupons, promotion_codes
from schemas.stripe.fields import (
    Amount,
    Count,
    Currency,
    Expanded,
    Id,
    Metadata,
    Ref,
    SignedAmount,
    Text,
    Timestamp,
    Word,
    ref,
)


class _SubscriptionDetails(Wire):
    subscription: Ref = None
    metadata: Metadata | None = None


class _Parent(Wire):
    subscription_details: _SubscriptionDetails | None = None


class _AmountOf(Wire):
    amount: SignedAmount = 0


class _Period(Wire):
    start: Timestamp | None = None
    end: Timestamp | None = None


class _LinePrice(Wire):
    id: Id
    product: Ref = None


class _PriceDetails(Wire):
    price: Ref = None
    product: Ref = None


class _Pricing(Wire):
    price_details: _PriceDetails | None = None


class _LineItemDetails(Wire):
    subscription: Ref = None
    subscription_item: Ref = None
    proration: bool = False


class _LineParent(Wire):
    subscription_item_details: _LineItemDetails | None = None
    invoice_item_details: _LineItemDetails | None = None


class _Line(Wire):
    id: Id
    amount: SignedAmount = 0
    currency: Currency | None = None
    description: Text | None = None
    quantity: Count | None = None
    period: _Period | None = None
    price: _LinePrice | None = None
    pricing: _Pricing | None = None
    subscription: Ref = None
    subscription_item: Ref = None
    proration: bool = False
    parent: _LineParent | None = None
    discount_amounts: list[_AmountOf] | None = None

    def view(self) -> "InvoiceLine":
        period = self.period or _Period()
        parent = self.parent
        details = (parent.subscription_item_details or parent.invoice_item_details) if parent else None
        details = details or _LineItemDetails(self.subscription, self.subscription_item, self.proration)
        pricing = self.pricing.price_details if self.pricing else None
        if pricing is None and self.price is not None:
            pricing = _PriceDetails(self.price.id, self.price.product)
        return self.read_as(
            InvoiceLine,
            discount_amount=sum(discount.amount for discount in self.discount_amounts or ()),
            quantity=1 if self.quantity is None else self.quantity,
            period_start=period.start,
            period_end=period.end,
            price=ref(pricing.price) if pricing else None,
            product=ref(pricing.product) if pricing else None,
            subscription=ref(details.subscription),
            subscription_item=ref(details.subscription_item),
            proration=details.proration,
        )


class _Lines(Wire):
    data: list[_Line] = field(default_factory=list)


class _Payment(Wire):
    payment_intent: Ref = None
    charge: Ref = None


class _InvoicePayment(Wire):
    payment: _Payment | None = None
    status: Word | None = None
    is_default: bool = False


class _Payments(Wire):
    data: list[_InvoicePayment] = field(default_factory=list)

    def main(self) -> _Payment:
        """The payment that paid; else the default one, which Stripe tries; else the first."""
        order = sorted(self.data, key=lambda payment: (payment.status != "paid", not payment.is_default))
        return next((payment.payment for payment in order if payment.payment), None) or _Payment()


class InvoiceLine(Part, frozen=True, kw_only=True):
    """One line of an invoice; `amount` is before its `discount_amount` and negative for a credit."""

    id: str
    amount: int
    discount_amount: int
    currency: str | None
    description: str | None
    quantity: int
    period_start: int | None
    period_end: int | None
    price: str | None
    product: str | None
    subscription: str | None
    subscription_item: str | None
    proration: bool


class InvoiceWire(Wire, tag_field="object", tag="invoice"):
    id: Id
    currency: Currency
    status: Word | None = None
    billing_reason: Word | None = None
    customer: Ref = None
    customer_email: Text | None = None
    subscription: Ref = None
    subscription_details: _SubscriptionDetails | None = None
    parent: _Parent | None = None
    amount_due: SignedAmount = 0
    amount_paid: SignedAmount = 0
    amount_remaining: SignedAmount = 0
    subtotal: SignedAmount = 0
    total: SignedAmount = 0
    tax: SignedAmount | None = None
    total_taxes: list[_AmountOf] | None = None
    total_discount_amounts: list[_AmountOf] | None = None
    attempt_count: Count = 0
    next_payment_attempt: Timestamp | None = None
    due_date: Timestamp | None = None
    hosted_invoice_url: Text | None = None
    number: Word | None = None
    lines: _Lines | None = None
    payment_intent: Ref = None
    charge: Ref = None
    payments: _Payments | None = None
    discount: DiscountWire | None = None
    discounts: list[Discount] | None = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "InvoiceView":
        old = _SubscriptionDetails(
            self.subscription, self.subscription_details.metadata if self.subscription_details else None
        )
        details = (self.parent.subscription_details if self.parent else None) or old
        paid_by = self.payments.main() if self.payments else _Payment(self.payment_intent, self.charge)
        lines = [line.view() for line in (self.lines.data if self.lines else ())]
        taxes = sum(tax.amount for tax in self.total_taxes or ()) if self.tax is None else self.tax
        discounts = self.discounts or ([self.discount] if self.discount else None)
        return self.read_as(
            InvoiceView,
            subscription=ref(details.subscription),
            subscription_metadata=details.metadata or {},
            tax=taxes,
            discount=sum(discount.amount for discount in self.total_discount_amounts or ()),
            lines=lines,
            payment_intent=ref(paid_by.payment_intent),
            charge=ref(paid_by.charge),
            coupons=coupons(discounts),
            promotion_codes=promotion_codes(discounts),
        )


class InvoiceView(View, frozen=True, kw_only=True):
    """An invoice of a subscription, or a single one. Totals may be negative (a credit)."""

    KIND: ClassVar[str] = "invoice"

    id: str
    currency: str
    status: str | None
    """draft, open, paid, uncollectible or void."""
    billing_reason: str | None
    """subscription_create, subscription_cycle, subscription_update, manual, …"""
    customer: str | None
    customer_email: str | None
    subscription: str | None
    subscription_metadata: dict[str, str]
    amount_due: int
    amount_paid: int
    amount_remaining: int
    subtotal: int
    total: int
    tax: int
    discount: int
    attempt_count: int
    next_payment_attempt: int | None
    due_date: int | None
    hosted_invoice_url: str | None
    number: str | None
    lines: list[InvoiceLine]
    payment_intent: str | None
    charge: str | None
    coupons: list[str]
    promotion_codes: list[str]
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    @property
    def paid_until(self) -> int | None:
        """The end of the subscription period that this invoice pays; prorations do not extend it."""
        ends = [line.period_end for line in self.lines if line.subscription and not line.proration]
        return max((end for end in ends if end), default=None)

    def links(self) -> dict[str, str]:
        return links(
            {**self.subscription_metadata, **self.metadata},
            invoice_id=self.id,
            subscription_id=self.subscription,
            payment_intent_id=self.payment_intent,
            charge_id=self.charge,
            customer_id=self.customer,
        )


class InvoicePaymentWire(Wire, tag_field="object", tag="invoice_payment"):
    id: Id
    invoice: Id | Expanded
    payment: _Payment | None = None
    status: Word | None = None
    currency: Currency | None = None
    amount_paid: Amount | None = None
    amount_requested: Amount | None = None
    is_default: bool = False
    created: Timestamp | None = None

    def view(self) -> "InvoicePaymentView":
        payment = self.payment or _Payment()
        return self.read_as(
            InvoicePaymentView,
            payment_intent=ref(payment.payment_intent),
            charge=ref(payment.charge),
        )


class InvoicePaymentView(View, frozen=True, kw_only=True):
    """What ties a payment to the invoice that it pays; comes some seconds after both."""

    KIND: ClassVar[str] = "invoice_payment"

    id: str
    invoice: str
    payment_intent: str | None
    charge: str | None
    status: str | None
    currency: str | None
    amount_paid: int = 0
    amount_requested: int = 0
    is_default: bool
    created: int | None

    def links(self) -> dict[str, str]:
        return links(invoice_id=self.invoice, payment_intent_id=self.payment_intent, charge_id=self.charge)
