"""Customers, their payment methods, and every object that has no view of its own."""

from typing import Any, ClassVar

from schemas.stripe.base import Address, Id, Metadata, Ref, Text, Timestamp, View, Wire, Word, links, ref
from schemas.stripe.payments import BillingDetails, Card


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
        return CustomerView(
            id=self.id,
            email=self.email,
            name=self.name,
            phone=self.phone,
            country=self.address.country if self.address else None,
            default_payment_method=ref(settings.default_payment_method),
            preferred_locales=self.preferred_locales or [],
            deleted=self.deleted,
            metadata=self.metadata or {},
            created=self.created,
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
    preferred_locales: list[str]
    deleted: bool
    metadata: dict[str, str]
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
        billing = self.billing_details or BillingDetails()
        return PaymentMethodView(
            id=self.id,
            type=self.type,
            customer=ref(self.customer),
            card_brand=card.brand,
            card_country=card.country,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            billing_country=billing.address.country if billing.address else None,
            metadata=self.metadata or {},
            created=self.created,
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
    metadata: dict[str, str]
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
        return UnknownView(
            id=_plain(self.id),
            object=self.object,
            status=_plain(self.status),
            customer=_plain(self.customer),
            payment_intent=_plain(self.payment_intent),
            charge=_plain(self.charge),
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
