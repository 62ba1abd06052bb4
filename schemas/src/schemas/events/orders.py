"""Orders. Published by checkout on the topic `orders`, with the key order_id."""

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
    """One item of an order. Amounts are in the minor unit of the order's currency. The price of the line is
    `list_amount` less `discount_amount`."""

    line_id: Id
    kind: Literal["course", "bundle", "plan"]
    course_id: Id | None = None
    """The course to which this line gives access. A bundle has one line per course. Null for a plan, which
    gives access to many."""
    bundle_id: Id | None = None
    bundle_title: Text | None = None
    plan_id: Id | None = None
    category: Text | None = None
    title: Text
    list_amount: Amount
    discount_amount: Amount = 0
    access_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days of access after the payment; null: access does not end (for a plan: while it is paid)."""


class _OfOrder(Event):
    TOPIC: ClassVar[str] = ORDERS
    KEY: ClassVar[str] = "order_id"

    order_id: Id
    user_id: Id


class OrderPlaced(_OfOrder):
    """A buyer received a payment page (Checkout Session). Stripe's events report whether it was paid."""

    TYPE: ClassVar[str] = "masterji.order.placed.v1"

    email: Email
    locale: Locale = "en"
    country: Country | None = None
    currency: Currency
    terms: Terms
    promo_code: Text | None = None
    session_id: Id | None = None
    amount_total: Amount
    """The total before tax, in minor units: the sum of the lines' list amounts less their discounts."""
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1, max_length=200)]


class PaymentAccepted(_OfOrder):
    """Staff accepted a settled session as the payment of an order, although its amount differs or it does not
    name the order. From then on it pays the order in every service."""

    TYPE: ClassVar[str] = "masterji.order.payment_accepted.v1"

    session_id: Id
    accepted_by: Id
    reason: Text
    accepted_at: Moment


class OrderRevoked(_OfOrder):
    """Staff ended an order for which nothing was paid, so that nothing can be refunded. Its access ends like
    that of a refunded order."""

    TYPE: ClassVar[str] = "masterji.order.revoked.v1"

    revoked_by: Id
    reason: Text
    revoked_at: Moment


class OrderExpired(_OfOrder):
    """An order ended without a payment: its session expired, was never created, or the order was replaced."""

    TYPE: ClassVar[str] = "masterji.order.expired.v1"

    session_id: Id | None = None
    reason: Literal["session_expired", "session_never_created", "superseded", "canceled"]
    expired_at: Moment
