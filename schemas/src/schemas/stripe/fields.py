"""The types of Stripe's fields, with the limits that a value must keep, and references to other objects."""

from typing import TYPE_CHECKING, Annotated

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


class Expanded(Struct, frozen=True, gc=False):
    """The part of an expanded reference that we read."""

    id: Id


if TYPE_CHECKING:
    Ref = str
else:
    Ref = Id | Expanded
"""A reference to another object. Stripe sends its id or, expanded, the object; readers see the id, because
`base.Referring` replaces the object."""
