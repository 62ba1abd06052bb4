"""The base classes of the structs that are decoded from Stripe's objects.

A struct lists the fields of one object that we read, as any API version from 2023-10-16 to
2026-10-28.endive sends them; msgspec decodes and checks it in one pass. Services read its public names,
which have the newest version's meaning, whichever version the event was rendered in. A field that services
do not read as Stripe sends it (it moved, it holds parts, null means a default) has a leading underscore
here, and a public name reads its value.
"""

from collections.abc import Mapping
from inspect import get_annotations
from typing import ClassVar, Generic, TypeVar, dataclass_transform, get_args

from msgspec import Struct, field
from msgspec.structs import force_setattr

from schemas.rules.origin import origin_of
from schemas.stripe.fields import Expanded, Id, Metadata, Ref, Text, Timestamp, Word

_Value = TypeVar("_Value")


class Inside(Generic[_Value]):
    """A public name for a value inside the fields of a struct.

    The value is at the first of the paths that leads to one, else the default. A path names a field in each
    part on the way to the value.
    """

    def __init__(self, *paths: str, default: _Value | None = None) -> None:
        self.paths = [path.split(".") for path in paths]
        self._default = default

    def __get__(self, part: object, owner: type[object]) -> _Value:
        found: object = self._default
        for path in self.paths:
            value = part
            for name in path:
                value = getattr(value, name)
                if value is None:
                    break
            else:
                found = value
                break
        # The declaration of the name states the type; a test compares it with the field at each path's end.
        return found  # type: ignore[return-value]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Part(Struct, frozen=True, gc=False, rename=lambda name: name.removeprefix("_")):
    """Base of all structs that are decoded from an event. Amounts are in minor units, times in seconds since
    the epoch."""


class Referring(Part):
    """A part that refers to other objects."""

    _REFERENCES: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = (name for name, kind in get_annotations(cls).items() if Expanded in get_args(kind))
        cls._REFERENCES = (*cls._REFERENCES, *own)

    def __post_init__(self) -> None:
        for name in self._REFERENCES:
            if type(value := getattr(self, name)) is Expanded:
                force_setattr(self, name, value.id)


class Linked(Referring, kw_only=True):
    """An object that has links: the ids that tie it to other objects."""

    LINKS: ClassVar[Mapping[str, str]]
    """The field of each link column that comes from a field."""

    _metadata: Metadata | None = None

    metadata = Inside[Mapping[str, str]]("_metadata", default={})

    def links(self) -> dict[str, str]:
        """The ids that are present, by link column. Order and user come from our metadata (`origin_of`)."""
        found = origin_of(self._metadata) if self._metadata else {}
        for column, name in self.LINKS.items():
            if value := getattr(self, name):
                found[column] = value
        return found


class Resource(Linked, kw_only=True, tag_field="object"):
    """An object of a kind that is known here; its tag is Stripe's name of the kind."""

    id: Id
    created: Timestamp | None = None


class OfCustomer(Resource, kw_only=True):
    customer: Ref | None = None


class ListOf(Part, Generic[_Value]):
    """The first page of a list, usually ten items. With `has_more`, the rest is not in the event."""

    data: list[_Value] = field(default_factory=list)
    has_more: bool = False


class Address(Part):
    country: Word | None = None


class Person(Part):
    """Who paid, or holds a card or an account."""

    address: Address | None = None
    email: Text | None = None
    name: Text | None = None


def linked(*names: str, **others: str) -> dict[str, str]:
    """The field of each link column: `name` of `name_id`, and the others as given."""
    return {**{f"{name}_id": name for name in names}, **others}
