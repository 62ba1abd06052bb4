"""A buyer's request, and the order that is made from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from checkout.domain.lines import MAX_LINES, Line, LineKind


@dataclass(frozen=True, slots=True)
class Buyer:
    """The buyer, from the bearer token. `locale` is a language tag."""

    user_id: str
    email: str
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class CourseItem:
    """One course that a buyer asks for."""

    course_id: str


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """The request of a buyer. Only its format has been validated."""

    items: tuple[CourseItem, ...]
    terms_version: str
    currency: str | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    beside_pending: bool = False
    """Whether the buyer wants to pay although another payment for the same is on its way."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the use cases see it. Raises ValueError for lines that no order can have."""

    order_id: str
    user_id: str
    email: str
    locale: str
    currency: str
    lines: tuple[Line, ...]
    terms_version: str
    terms_accepted_at: datetime
    success_url: str
    cancel_url: str
    customer_id: str | None
    attempt: int
    session_expires_at: datetime
    """When the payment page of this attempt expires."""
    session_id: str | None
    state: str
    country: str | None = None
    promo_code: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.lines) <= MAX_LINES:
            raise ValueError(f"an order has 1 to {MAX_LINES} lines, not {len(self.lines)}")
        if [line.position for line in self.lines] != list(range(1, len(self.lines) + 1)):
            raise ValueError("the lines of an order are numbered from 1")
        for ids in (self.course_ids, self.plan_ids):
            if len(set(ids)) < len(ids):
                raise ValueError("an order has no course and no plan twice")

    @property
    def amount(self) -> int:
        """What the order costs before tax, in minor units."""
        return sum(line.amount for line in self.lines)

    @property
    def course_ids(self) -> tuple[str, ...]:
        """The courses that the lines open."""
        return tuple(line.course_id for line in self.lines if line.course_id is not None)

    @property
    def plan_ids(self) -> tuple[str, ...]:
        """The plans among the lines."""
        return tuple(line.plan_id for line in self.lines if line.plan_id is not None)

    @property
    def items(self) -> tuple[tuple[Line, ...], ...]:
        """The lines by what the buyer put into the order: all lines of a bundle are one item."""
        items: dict[tuple[LineKind, str | None], list[Line]] = {}
        for line in self.lines:
            items.setdefault((line.kind, line.bundle_id or line.course_id or line.plan_id), []).append(line)
        return tuple(tuple(lines) for lines in items.values())

    @property
    def title(self) -> str:
        """The title of the first item, and the number of further items."""
        first, *others = self.items
        title = item_title(first)
        return f"{title} and {len(others)} more" if others else title


def item_title(lines: Sequence[Line]) -> str:
    """What an item is called: the bundle, else the course or plan."""
    return lines[0].bundle_title or lines[0].title
