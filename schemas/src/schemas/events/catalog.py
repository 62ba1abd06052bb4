"""What is on sale. Published by checkout on the compacted topic `catalog`."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.events.base import MAX_AMOUNT, Contract, Currency, Event, Id, LongText, Text
from schemas.topics import CATALOG


class Price(Contract):
    """What something costs in one currency, in its minor unit."""

    currency: Currency
    amount: Annotated[int, Field(ge=0, le=MAX_AMOUNT, strict=True)]


class CourseChanged(Event):
    """The full, newest state of one course. A consumer keeps it only if `version` is greater than the one
    it has."""

    TYPE: ClassVar[str] = "masterji.catalog.course_changed.v1"
    TOPIC: ClassVar[str] = CATALOG

    course_id: Id
    title: Text
    category: Text | None = None
    description: LongText = ""
    prices: Annotated[tuple[Price, ...], Field(max_length=200)] = ()
    access_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days of access that a purchase gives; null: for ever."""
    active: bool = True
    """False: no longer on sale. Buyers keep their access."""
    version: Annotated[int, Field(ge=1)]

    def key(self) -> str:
        return self.course_id
