"""Checkout Sessions."""

from typing import ClassVar

from msgspec import field

from schemas.stripe.base import Address, View, Wire, links
from schemas.stripe.discounts import Discount, coupons, promotion_codes
from schemas.stripe.fields import Amount, Currency, Id, Metadata, Ref, Text, Timestamp, Word


class _TotalDetails(Wire):
    amount_discount: Amount | None = None
    amount_tax: Amount | None = None


class _CustomerDetails(Wire):
    email: Text | None = None
    name: Text | None = None
    address: Address | None = None


class _Recovery(Wire):
    url: Text | None = None


class _AfterExpiration(Wire):
    recovery: _Recovery | None = None


class SessionWire(Wire, tag_field="object", tag="checkout.session"):
    id: Id
    mode: Word = "payment"
    status: Word | None = None
    payment_status: Word | None = None
    amount_total: Amount | None = None
    amount_subtotal: Amount | None = None
    total_details: _TotalDetails | None = None
    currency: Currency | None = None
    payment_intent: Ref = None
    setup_intent: Ref = None
    subscription: Ref = None
    invoice: Ref = None
    customer: Ref = None
    customer_details: _CustomerDetails | None = None
    customer_email: Text | None = None
    metadata: Metadata | None = None
    client_reference_id: Id | None = None
    after_expiration: _AfterExpiration | None = None
    expires_at: Timestamp | None = None
    created: Timestamp | None = None
    locale: Word | None = None
    recovered_from: Word | None = None
    discounts: list[Discount] | None = None

    def view(self) -> "SessionView":
        person = self.customer_details or _CustomerDetails()
        totals = self.total_details or _TotalDetails()
        recovery = self.after_expiration.recovery if self.after_expiration else None
        return self.read_as(
            SessionView,
            amount_discount=totals.amount_discount or 0,
            amount_tax=totals.amount_tax or 0,
            customer_email=person.email or self.customer_email,
            customer_name=person.name,
            customer_country=person.address.country if person.address else None,
            recovery_url=recovery.url if recovery else None,
            coupons=coupons(self.discounts),
            promotion_codes=promotion_codes(self.discounts),
        )


class SessionView(View, frozen=True, kw_only=True):
    """A Checkout Session. `status` open, complete or expired says nothing of money: see `payment_status`."""

    KIND: ClassVar[str] = "checkout.session"

    id: str
    mode: str
    status: str | None
    payment_status: str | None
    """paid, unpaid (a delayed method: wait) or no_payment_required (all of it was discounted)."""
    amount_total: int | None
    amount_subtotal: int | None
    amount_discount: int
    amount_tax: int
    currency: str | None
    payment_intent: str | None
    setup_intent: str | None
    subscription: str | None
    invoice: str | None
    customer: str | None
    customer_email: str | None
    customer_name: str | None
    customer_country: str | None
    metadata: dict[str, str] = field(default_factory=dict)
    client_reference_id: str | None
    """Proves nothing about an order: anybody can write it into the address of a Payment Link."""
    recovery_url: str | None
    """Where an expired session can be taken up again; a bearer link to the customer's basket."""
    expires_at: int | None
    created: int | None
    locale: str | None
    recovered_from: str | None
    """The expired session that this one took up."""
    coupons: list[str]
    promotion_codes: list[str]

    @property
    def before_tax(self) -> int | None:
        """What the session asks for without the tax that Stripe adds: the subtotal less the discount.

        Without a subtotal it is the total less the tax; None if the session has no total either.
        """
        if self.amount_subtotal is not None:
            return self.amount_subtotal - self.amount_discount
        return None if self.amount_total is None else self.amount_total - self.amount_tax

    def links(self) -> dict[str, str]:
        return links(
            self.metadata,
            session_id=self.id,
            payment_intent_id=self.payment_intent,
            subscription_id=self.subscription,
            invoice_id=self.invoice,
            customer_id=self.customer,
        )
