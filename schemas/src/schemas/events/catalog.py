"""The catalog of courses. Published by checkout on the compacted topic `catalog`."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.events.base import MAX_AMOUNT, Contract, Currency, Event, Id, LongText, Text
from schemas.topics import CATALOG


class Price(Contract):
    """A price in one currency, in its minor unit."""

    currency: Currency
    amount: Annotated[int, Field(ge=0, le=MAX_AMOUNT, strict=True)]


class CourseChanged(Event):
    """The newest state of a course. Apply it only if `version` is greater than the stored one."""

    TYPE: ClassVar[str] = "masterji.catalog.course_changed.v1"
    TOPIC: ClassVar[str] = CATALOG
    KEY: ClassVar[str] = "course_id"

    course_id: Id
    title: Text
    category: Text | None = None
    description: LongText = ""
    prices: Annotated[tuple[Price, ...], Field(max_length=200)] = ()
    access_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days of access after the payment; null: access does not end."""
    active: bool = True
    """False: no longer on sale. Buyers keep their access."""
    version: Annotated[int, Field(ge=1)]
