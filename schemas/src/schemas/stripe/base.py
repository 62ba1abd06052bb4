"""What the views share: the types of Stripe's fields, references, and the base class.

Two layers. A *wire* struct lists the fields of one Stripe object that we read, as any API version from
2023-10-16 to 2026-10-28.endive sends them; msgspec decodes and checks it in one pass. Its *view* is what
services see: the newest version's meaning under one set of names, whichever version the event was
rendered in.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=255)]
Word = Annotated[str, Meta(max_length=255)]
Text = Annotated[str, Meta(max_length=5000)]
# Python's $ also matches before a newline at the end; a JSON Schema has no \Z to say it shorter.
Currency = Annotated[str, Meta(pattern=r"^[a-z]{3,5}(?!\n)$")]
Amount = Annotated[int, Meta(ge=0, le=10**15)]
SignedAmount = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Timestamp = Annotated[int, Meta(ge=0, le=4_102_444_800)]
"""Seconds since the epoch, up to the year 2100: a test clock may run ahead, a time in milliseconds is a
mistake."""
Metadata = Annotated[dict[Word, Text], Meta(max_length=100)]

PERSONAL: frozenset[str] = frozenset(
    {
        "customer_email",
        "customer_name",
        "email",
        "hosted_invoice_url",
        "last4",
        "name",
        "phone",
        "receipt_email",
        "receipt_url",
        "recovery_url",
    }
)
"""Facts that identify a person, or open a page that does. A service that needs none of them excludes them
all.

Countries and card brands are not among them: reports need them, and alone they identify no one.
"""


class Expanded(Struct, gc=False):
    """The part of an expanded reference that we read."""

    id: Id


Ref = Id | Expanded | None


def ref(value: str | Expanded | None) -> str | None:
    """The id behind a reference, plain or expanded."""
    return value.id if isinstance(value, Expanded) else value


class Wire(Struct, gc=False):
    """Base of the structs that are decoded from JSON."""


class Address(Wire):
    country: Word | None = None


class Part(Struct, frozen=True, kw_only=True):
    """Base of what a view is made of, beside plain values."""


class View(Struct, frozen=True, kw_only=True):
    """What a service sees of one Stripe object. Amounts are in minor units, times in seconds since the
    epoch."""

    KIND: ClassVar[str]
    """Stripe's name of the object."""

    def links(self) -> dict[str, str]:
        """The ids that tie this object to others, by link column; nothing that is absent."""
        raise NotImplementedError

    def facts(self, exclude: Collection[str] = frozenset()) -> dict[str, Any]:
        """The view as JSON-ready values by field name, without what is null, empty or in `exclude`.

        Zeros and False are kept. A client_secret is never among them: no view reads one.
        """
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return {
            name: value
            for name, value in fields.items()
            if value is not None and value != {} and value != [] and name not in exclude
        }


def links(metadata: Mapping[str, str] | None = None, /, **ids: str | None) -> dict[str, str]:
    """Link columns that are present; order and user come from our metadata unless given."""
    found = {name: value for name, value in ids.items() if value}
    if metadata:
        for name in ("order_id", "user_id"):
            value = metadata.get(name)
            if value and name not in found:
                found[name] = value
    return found
