"""The facts that the rules read, by type of event. `notifications.facts` makes them from messages.

They are stored as JSON, so a struct may change only as `messaging.eventset.facts` describes. A field without
a default is always stored: the release before, which may still run, requires it. Amounts are in the
currency's minor unit.
"""

from msgspec import UNSET, UnsetType

from messaging.eventset.facts import Facts
from schemas.rules import DISPUTE_EVENTS, Booking, ListedRefund

ORDER_PLACED = "masterji.order.placed.v1"
PAYMENT_ACCEPTED = "masterji.order.payment_accepted.v1"
"""Staff accepted a session as the payment of an order; its links name both."""
PAYMENT_SUCCEEDED = "payment_intent.succeeded"
"""It links a charge to its payment intent, as charges do: some refunds name only the charge."""
CHARGE_EVENTS = frozenset({"charge.succeeded", "charge.refunded", "charge.updated"})
SESSION_EVENTS = frozenset(
    {"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.reread"}
)
REFUND_EVENTS = frozenset(
    {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated", "refund.reread"}
)


class LineFacts(Facts, frozen=True):
    """A line of an order. `access_days` is None for access without an end."""

    line_id: str
    kind: str
    course_id: str | None
    title: str
    list_amount: int
    discount_amount: int
    access_days: int | None
    bundle_id: str | None = None


class OrderFacts(Facts, frozen=True):
    """An order as checkout announced it. `amount_total` is before tax."""

    order_id: str
    user_id: str
    locale: str
    currency: str
    amount_total: int
    lines: tuple[LineFacts, ...]
    email: str | None = None
    """None after the buyer's personal data was erased."""


class SessionFacts(Facts, frozen=True):
    """A Checkout Session. `amount` is what the buyer pays, with tax."""

    order_id: str
    """Empty if the metadata names no order of ours: the order then names the session. Never null, which the
    release before cannot read."""
    amount: int
    currency: str | None
    payment_status: str | None
    before_tax: int | UnsetType | None = UNSET
    """Unset in events that were stored before tax was supported: then the amount has no tax on top."""


class RefundFacts(Facts, frozen=True):
    """A refund. `created` is in seconds since the epoch; `line_ids` are the order lines that it names."""

    refund_id: str
    amount: int
    currency: str
    status: str | None
    created: int | None = None
    line_ids: tuple[str, ...] = ()
    duplicate: bool = False
    """Whether it is for a duplicate purchase."""


class ChargeFacts(Facts, frozen=True):
    """A charge; `amount_returned` is how much of it was refunded. Releases before stored nothing of it."""

    currency: str | None = None
    amount_returned: int = 0
    refunds: tuple[ListedRefund, ...] = ()


class DisputeFacts(Facts, frozen=True):
    """A dispute: what it takes is not left for a refund. `created` is in seconds since the epoch."""

    amount: int
    currency: str
    created: int | None = None
    bookings: tuple[Booking, ...] = ()


FACTS_OF: dict[str, type[Facts]] = {
    ORDER_PLACED: OrderFacts,
    PAYMENT_ACCEPTED: Facts,
    PAYMENT_SUCCEEDED: Facts,
    **dict.fromkeys(CHARGE_EVENTS, ChargeFacts),
    **dict.fromkeys(SESSION_EVENTS, SessionFacts),
    **dict.fromkeys(REFUND_EVENTS, RefundFacts),
    **dict.fromkeys(DISPUTE_EVENTS, DisputeFacts),
}
"""The struct of each type of event."""
