"""The base classes of the views, and of the structs from which they are made.

Two layers. A *wire* struct lists the fields of one Stripe object that we read, as any API version from
2023-10-16 to 2026-10-28.endive sends them; msgspec decodes and checks it in one pass. Its *view* is what
services see: the newest version's meaning under one set of names, whichever version the event was
rendered in. A field that has the same name in both is copied; a wire struct's `view` states the rest.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, TypeVar, get_args

import msgspec
from msgspec import Struct

from schemas.stripe.fields import Expanded, Word

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


_Read = TypeVar("_Read", bound=Struct)


class Wire(Struct, gc=False):
    """Base of the structs that are decoded from JSON."""

    def read_as(self, kind: type[_Read], **differences: Any) -> _Read:
        """The view, or part of one, with the values of this struct's fields of the same name.

        A reference becomes its id, and a null the field's default, if it has one. `differences` are the
        fields that have another name, place or form here.
        """
        same = _same_fields(type(self), kind)
        values = dict(zip(same.names, same.values(self), strict=True))
        for name in same.references:
            if type(value := values[name]) is Expanded:
                values[name] = value.id
        for name in same.defaulted:
            if values[name] is None:
                del values[name]
        values.update(differences)
        return kind(**values)


class Address(Wire):
    country: Word | None = None


class _Same(NamedTuple):
    """The fields that a wire struct and a view have in common."""

    names: tuple[str, ...]
    values: Callable[[Wire], tuple[Any, ...]]
    references: tuple[str, ...]
    defaulted: tuple[str, ...]


# Resolved once for each pair: consumers read thousands of events per second.
@cache
def _same_fields(wire: type[Struct], kind: type[Struct]) -> _Same:
    sent = {field.name: field for field in msgspec.structs.fields(wire)}
    same = [field for field in msgspec.structs.fields(kind) if field.name in sent]
    names = tuple(field.name for field in same)
    return _Same(
        names,
        attrgetter(*names),
        tuple(name for name in names if Expanded in get_args(sent[name].type)),
        tuple(field.name for field in same if not field.required),
    )
