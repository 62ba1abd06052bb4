"""The facts that the rules read, by type of event. `reporting.facts` makes them from messages.

They are stored as JSON, so a struct may change only as `messaging.eventset.facts` describes. A field has a
default only if an earlier release did not store it, or if it may be null. Amounts are in the currency's minor
unit.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from messaging.eventset.event import Event
from messaging.eventset.facts import Facts
from schemas.rules import DISPUTE_EVENTS, Booking, ListedRefund

ORDER_PLACED = "masterji.order.placed.v1"
PAYMENT_ACCEPTED = "masterji.order.payment_accepted.v1"


class LineFacts(Facts, frozen=True):
    """A line of an order. What was paid for it is the list amount less the discount, plus tax."""

    line_id: str
    list_amount: int
    discount_amount: int
    course_id: str | None = None
    bundle_id: str | None = None
    plan_id: str | None = None
    category: str | None = None
    title: str | None = None


class OrderFacts(Facts, frozen=True):
    """An order as checkout announced it. `amount_total` is before tax."""

    order_id: str
    user_id: str
    currency: str
    amount_total: int
    lines: tuple[LineFacts, ...]
    country: str | None = None


class SessionFacts(Facts, frozen=True):
    """A Checkout Session in payment mode. `amount` is what the buyer pays."""

    order_id: str | None
    payment_id: str
    session_id: str
    amount: int
    currency: str
    payment_status: str | None
    before_tax: int | UnsetType | None = UNSET
    """None if Stripe reported no amounts; unset in events of the first release, which stored totals only."""


class PaymentFacts(Facts, frozen=True):
    """A payment that was received, as its payment intent or its charge reports it."""

    order_id: str | None
    payment_id: str
    amount: int
    currency: str


class RefundFacts(Facts, frozen=True):
    """A refund. `line_ids` are the order lines that its metadata names."""

    order_id: str | None
    payment_id: str
    refund_id: str
    amount: int
    currency: str
    status: str | None
    line_ids: tuple[str, ...] = field(default=(), name="lines")
    created: int | None = None
    """When it was created, in seconds since the epoch; None in events of the first release."""


class ChargeFacts(Facts, frozen=True):
    """A charge after its payment; `amount_returned` is how much of it was refunded."""

    order_id: str | None
    payment_id: str
    charge_id: str
    currency: str
    amount_returned: int
    refunds: tuple[ListedRefund, ...] = ()


class DisputeFacts(Facts, frozen=True):
    """A dispute. `bookings` are what it moved on the balance, in the currency of the balance."""

    order_id: str | None
    payment_id: str
    dispute_id: str
    amount: int
    currency: str
    status: str | None
    created: int | None
    bookings: tuple[Booking, ...] = ()


class AcceptedFacts(Facts, frozen=True):
    """Staff accepted a session as the payment of an order."""

    order_id: str
    session_id: str


AnyFacts = OrderFacts | AcceptedFacts | SessionFacts | PaymentFacts | ChargeFacts | RefundFacts | DisputeFacts
MoneyEvent = Event[AnyFacts]

FACTS_OF: dict[str, type[AnyFacts]] = {
    ORDER_PLACED: OrderFacts,
    PAYMENT_ACCEPTED: AcceptedFacts,
    "checkout.session.completed": SessionFacts,
    "checkout.session.async_payment_succeeded": SessionFacts,
    "checkout.session.reread": SessionFacts,
    "payment_intent.succeeded": PaymentFacts,
    "charge.succeeded": PaymentFacts,
    "charge.captured": PaymentFacts,
    "charge.refunded": ChargeFacts,
    "charge.updated": ChargeFacts,
    "refund.created": RefundFacts,
    "refund.updated": RefundFacts,
    "refund.failed": RefundFacts,
    "refund.reread": RefundFacts,
    "charge.refund.updated": RefundFacts,
    **dict.fromkeys(DISPUTE_EVENTS, DisputeFacts),
}
"""The struct of each type of event that reporting stores."""
