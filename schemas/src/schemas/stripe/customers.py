"""Customers, their payment methods, and every object of a kind that is not read here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import force_setattr

from schemas.stripe.base import Address, Inside, Linked, Referring, Resource, linked
from schemas.stripe.fields import Ref, Text, Word
from schemas.stripe.payments import Card, WithCard

if TYPE_CHECKING:
    Plain = str | None
else:
    # An object of an unknown kind must not fail on a field that only looks like a known one.
    Plain = Any


class _InvoiceSettings(Referring):
    default_payment_method: Ref | None = None


class Customer(Resource, tag="customer"):
    """A customer. The e-mail address is no identity: our user id is in the metadata."""

    LINKS = linked(customer_id="id")

    email: Text | None = None
    name: Text | None = None
    phone: Text | None = None
    _address: Address | None = None
    _invoice_settings: _InvoiceSettings | None = None
    _preferred_locales: list[Word] | None = None
    deleted: bool = False

    country = Inside[str | None]("_address.country")
    default_payment_method = Inside[str | None]("_invoice_settings.default_payment_method")
    preferred_locales = Inside[Sequence[str]]("_preferred_locales", default=())


class _CardWithExpiry(Card):
    exp_month: int | None = None
    exp_year: int | None = None


class PaymentMethod(WithCard, tag="payment_method"):
    """A saved means of payment: brand, last four digits and expiry are all that is ever kept of a card."""

    LINKS = linked("customer")

    type: Word | None = None
    _card: _CardWithExpiry | None = None

    exp_month = Inside[int | None]("_card.exp_month")
    exp_year = Inside[int | None]("_card.exp_year")


class Unknown(Linked):
    """An object of a kind that is not read here: kept, counted, and tied to what it names.

    Whatever is neither a short text nor an expanded object reads as null.
    """

    LINKS = linked("payment_intent", "charge", "customer")

    id: Plain = None
    """Null for objects that have none, such as a balance or an upcoming invoice."""
    object: Word = ""
    status: Plain = None
    customer: Plain = None
    payment_intent: Plain = None
    charge: Plain = None
    _metadata: Any = None

    def __post_init__(self) -> None:
        for name in ("id", "status", "customer", "payment_intent", "charge"):
            force_setattr(self, name, _plain(getattr(self, name)))
        metadata = self._metadata if isinstance(self._metadata, dict) else {}
        texts = {name: text for name, value in metadata.items() if (text := _plain(value))}
        force_setattr(self, "_metadata", texts)


def _plain(value: Any) -> str | None:
    """A short text, or the id of an expanded object; whatever else stands there is not ours to judge."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None
