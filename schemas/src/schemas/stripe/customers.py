"""Customers, their payment methods, and every object that has no view of its own."""

from typing import Any, ClassVar

from msgspec import field

from schemas.stripe.base import Address, View, Wire, links
from schemas.stripe.fields import Id, Metadata, Ref, Text, Timestamp, Word, ref
from schemas.stripe.payments import BillingDetails, Card, card_facts


class _InvoiceSettings(Wire):
    default_payment_method: Ref = None


class CustomerWire(Wire, tag_field="object", tag="customer"):
    id: Id
    email: Text | None = None
    name: Text | None = None
    phone: Text | None = None
    address: Address | None = None
    invoice_settings: _InvoiceSettings | None = None
    preferred_locales: list[Word] | None = None
    deleted: bool = False
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "CustomerView":
        settings = self.invoice_settings or _InvoiceSettings()
        return self.read_as(
            CustomerView,
            country=self.address.country if self.address else None,
            default_payment_method=ref(settings.default_payment_method),
        )


class CustomerView(View, frozen=True, kw_only=True):
    """A customer. The e-mail address is no identity: our user id is in the metadata."""

    KIND: ClassVar[str] = "customer"

    id: str
    email: str | None
    name: str | None
    phone: str | None
    country: str | None
    default_payment_method: str | None
    preferred_locales: list[str] = field(default_factory=list)
    deleted: bool
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    def links(self) -> dict[str, str]:
        return links(self.metadata, customer_id=self.id)


class _CardWithExpiry(Card):
    exp_month: int | None = None
    exp_year: int | None = None


class PaymentMethodWire(Wire, tag_field="object", tag="payment_method"):
    id: Id
    type: Word | None = None
    customer: Ref = None
    card: _CardWithExpiry | None = None
    billing_details: BillingDetails | None = None
    metadata: Metadata | None = None
    created: Timestamp | None = None

    def view(self) -> "PaymentMethodView":
        card = self.card or _CardWithExpiry()
        return self.read_as(
            PaymentMethodView,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            **card_facts(self.card, self.billing_details),
        )


class PaymentMethodView(View, frozen=True, kw_only=True):
    """A saved means of payment: brand, last four digits and expiry are all that is ever kept of a card."""

    KIND: ClassVar[str] = "payment_method"

    id: str
    type: str | None
    customer: str | None
    card_brand: str | None
    card_country: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    billing_country: str | None
    metadata: dict[str, str] = field(default_factory=dict)
    created: int | None

    def links(self) -> dict[str, str]:
        return links(self.metadata, customer_id=self.customer)


class UnknownWire(Wire):
    # Any: an object of an unknown kind must not fail on a field that only looks like a known one.
    object: Word = ""
    id: Any = None
    status: Any = None
    customer: Any = None
    payment_intent: Any = None
    charge: Any = None
    metadata: Any = None

    def view(self) -> "UnknownView":
        metadata = self.metadata if isinstance(self.metadata, dict) else {}
        plain = {
            name: _plain(getattr(self, name))
            for name in ("id", "status", "customer", "payment_intent", "charge")
        }
        return self.read_as(
            UnknownView,
            **plain,
            metadata={name: text for name, text in metadata.items() if _plain(text)},
        )


def _plain(value: Any) -> str | None:
    """A short text, or the id of an expanded object; whatever else stands there is not ours to judge."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None


class UnknownView(View, frozen=True, kw_only=True):
    """An object without a view of its own: kept, counted, and tied to what it names."""

    KIND: ClassVar[str] = ""

    id: str | None
    """Null for objects that have none, such as a balance or an upcoming invoice."""
    object: str
    status: str | None
    customer: str | None
    payment_intent: str | None
    charge: str | None
    metadata: dict[str, str]

    def links(self) -> dict[str, str]:
        return links(
            self.metadata,
            payment_intent_id=self.payment_intent,
            charge_id=self.charge,
            customer_id=self.customer,
        )
