"""What was ordered. Published by checkout on the topic `orders`, by the key order_id."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.events.base import (
    MAX_AMOUNT,
    Contract,
    Country,
    Currency,
    Email,
    Event,
    Id,
    Locale,
    Moment,
    Text,
)
from schemas.topics import ORDERS

Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT, strict=True)]


class Terms(Contract):
    """The version of the terms that the buyer accepted, and when."""

    version: Id
    accepted_at: Moment


class OrderLine(Contract):
    """One thing bought. Amounts are in the minor unit of the order's currency; the discount is part of
    the list price."""

    line_id: Id
    kind: Literal["course", "bundle", "plan"]
    course_id: Id | None = None
    """The course that this line opens. A bundle is one line for each of its courses; a plan may open
    many: then null."""
    bundle_id: Id | None = None
    bundle_title: Text | None = None
    plan_id: Id | None = None
    category: Text | None = None
    title: Text
    list_amount: Amount
    discount_amount: Amount = 0
    access_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days of access from the payment on; null: for ever (or, for a plan, as long as it is paid)."""


class OrderPlaced(Event):
    """A buyer was given a Checkout Session. Nothing is paid yet: that is Stripe's to say."""

    TYPE: ClassVar[str] = "masterji.order.placed.v1"
    TOPIC: ClassVar[str] = ORDERS

    order_id: Id
    user_id: Id
    email: Email
    locale: Locale = "en"
    country: Country | None = None
    currency: Currency
    terms: Terms
    promo_code: Text | None = None
    session_id: Id | None = None
    amount_total: Amount
    """What the session asks for, in minor units: the sum of the lines' list amounts less their discounts."""
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1, max_length=200)]

    def key(self) -> str:
        return self.order_id


class OrderExpired(Event):
    """An order ended without a payment: its session ran out, or never came to be."""

    TYPE: ClassVar[str] = "masterji.order.expired.v1"
    TOPIC: ClassVar[str] = ORDERS

    order_id: Id
    user_id: Id
    session_id: Id | None = None
    reason: Literal["session_expired", "session_never_created", "superseded", "canceled"]
    expired_at: Moment

    def key(self) -> str:
        return self.order_id
