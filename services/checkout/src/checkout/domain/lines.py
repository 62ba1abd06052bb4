"""The lines of an order."""

from dataclasses import dataclass
from enum import StrEnum

MAX_LINES = 200
"""The largest number of lines in one order: what the contract order.placed.v1 allows."""


class LineKind(StrEnum):
    """What a line sells."""

    COURSE = "course"
    BUNDLE = "bundle"
    """One course of a bundle."""
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing bought: a course, one course of a bundle, or a plan.

    Amounts are in minor units of the order's currency. `position` counts from 1. Raises ValueError for ids
    that contradict the kind and for a discount above the list amount.
    """

    position: int
    kind: LineKind
    title: str
    list_amount: int
    discount_amount: int = 0
    course_id: str | None = None
    bundle_id: str | None = None
    bundle_title: str | None = None
    plan_id: str | None = None
    description: str = ""
    category: str | None = None
    access_days: int | None = None

    def __post_init__(self) -> None:
        named = (self.course_id is not None, self.bundle_id is not None, self.plan_id is not None)
        if named != _NAMED[self.kind]:
            raise ValueError(f"line {self.position}: the ids do not belong to a {self.kind.value} line")
        if not 0 <= self.discount_amount <= self.list_amount:
            raise ValueError(f"line {self.position}: the discount is not between 0 and the list amount")

    @property
    def amount(self) -> int:
        """What the line costs before tax."""
        return self.list_amount - self.discount_amount


_NAMED = {
    LineKind.COURSE: (True, False, False),
    LineKind.BUNDLE: (True, True, False),
    LineKind.PLAN: (False, False, True),
}


def line_id(order_id: str, position: int) -> str:
    """The id of an order's line."""
    return f"{order_id}_{position}"
