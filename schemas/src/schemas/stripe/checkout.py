"""Checkout Sessions."""

from schemas.stripe.base import Inside, Part, Person, linked
from schemas.stripe.discounts import Discounted
from schemas.stripe.fields import Amount, Currency, Id, Ref, Text, Timestamp, Word


class _TotalDetails(Part):
    amount_discount: Amount | None = None
    amount_tax: Amount | None = None


class _Recovery(Part):
    url: Text | None = None


class _AfterExpiration(Part):
    recovery: _Recovery | None = None


class Session(Discounted, tag="checkout.session"):
    """A Checkout Session. `status` open, complete or expired says nothing of money: see `payment_status`."""

    LINKS = linked("payment_intent", "subscription", "invoice", "customer", session_id="id")

    mode: Word = "payment"
    status: Word | None = None
    payment_status: Word | None = None
    """paid, unpaid (a delayed method: wait) or no_payment_required (all of it was discounted)."""
    amount_total: Amount | None = None
    amount_subtotal: Amount | None = None
    _total_details: _TotalDetails | None = None
    currency: Currency | None = None
    payment_intent: Ref | None = None
    setup_intent: Ref | None = None
    subscription: Ref | None = None
    invoice: Ref | None = None
    _customer_details: Person | None = None
    _customer_email: Text | None = None
    client_reference_id: Id | None = None
    """Proves nothing about an order: anybody can write it into the address of a Payment Link."""
    _after_expiration: _AfterExpiration | None = None
    expires_at: Timestamp | None = None
    locale: Word | None = None
    recovered_from: Word | None = None
    """The expired session that this one took up."""

    amount_discount = Inside[int]("_total_details.amount_discount", default=0)
    amount_tax = Inside[int]("_total_details.amount_tax", default=0)
    customer_email = Inside[str | None]("_customer_details.email", "_customer_email")
    customer_name = Inside[str | None]("_customer_details.name")
    customer_country = Inside[str | None]("_customer_details.address.country")
    recovery_url = Inside[str | None]("_after_expiration.recovery.url")
    """Where an expired session can be taken up again; a bearer link to the customer's basket."""

    @property
    def before_tax(self) -> int | None:
        """What the session asks for without the tax that Stripe adds: the subtotal less the discount.

        Without a subtotal it is the total less the tax; None if the session has no total either.
        """
        if self.amount_subtotal is not None:
            return self.amount_subtotal - self.amount_discount
        return None if self.amount_total is None else self.amount_total - self.amount_tax
