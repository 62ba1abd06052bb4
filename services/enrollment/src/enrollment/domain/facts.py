"""The facts that the rules read, by kind of event. `enrollment.facts` makes them from messages.

They are stored as JSON, so a struct may change only as `messaging.eventset.facts` describes. Amounts are in
the currency's minor unit, times of Stripe in seconds since the epoch.
"""

from msgspec import field

from enrollment.domain.kinds import Kind
from messaging.eventset.facts import Facts
from schemas.rules import Booking, ListedRefund

LINKS = (
    "user_id",
    "order_id",
    "session_id",
    "payment_intent_id",
    "charge_id",
    "invoice_id",
    "subscription_id",
    "customer_id",
)
"""The ids that connect events. Only subscriptions and deleted customers have `customer_id`: nothing else
needs it, and a customer of another application on the same account may have any number of payments."""
OWNER = "user_id"
"""The link that names the owner of an event."""
FOLLOW = tuple(link for link in LINKS if link != OWNER)
"""The links that lead from an event to others of its owner."""


class NoFacts(Facts, frozen=True):
    """The links and the status of the event are enough."""


class LineFacts(Facts, frozen=True):
    """A line of an order; `amount` is its price after the discount and before tax."""

    line_id: str
    kind: str
    amount: int
    course_id: str | None = None
    bundle_id: str | None = None
    access_days: int | None = None


class OrderFacts(Facts, frozen=True):
    """An order as checkout announced it; `amount` is its total before tax."""

    currency: str
    amount: int
    lines: tuple[LineFacts, ...]
    session_id: str | None = None
    """The only session that pays it. None in orders that earlier releases stored, which any session pays that
    names them."""


class OrderExpiredFacts(Facts, frozen=True):
    """Why an order ended without a payment."""

    reason: str


class DecisionFacts(Facts, frozen=True):
    """What an administrator granted or revoked. `until` is in microseconds since the epoch."""

    course_id: str
    by: str
    why: str
    until: int | None = None


class SessionFacts(Facts, frozen=True):
    """A Checkout Session. `amount` is what the buyer pays; releases before `before_tax` kept only that."""

    mode: str | None = None
    payment_status: str | None = None
    currency: str | None = None
    amount: int | None = None
    before_tax: int | None = None


class IntentFacts(Facts, frozen=True):
    """A payment intent."""

    currency: str | None = None
    amount: int | None = None


class ChargeFacts(Facts, frozen=True):
    """A charge; `amount_returned` is how much of it was refunded. Releases before stored nothing of it."""

    currency: str | None = None
    amount_returned: int = 0
    refunds: tuple[ListedRefund, ...] = ()


class RefundFacts(Facts, frozen=True):
    """A refund. `line_ids` are the order lines that its metadata names."""

    currency: str = ""
    amount: int = 0
    line_ids: tuple[str, ...] = field(default=(), name="lines")
    created: int | None = None


class DisputeFacts(Facts, frozen=True):
    """A dispute. Releases before stored neither when it was opened nor what it moved on the balance."""

    currency: str | None = None
    amount: int | None = None
    created: int | None = None
    bookings: tuple[Booking, ...] = ()


class WarningFacts(Facts, frozen=True):
    """An early fraud warning: whether it is still to be settled."""

    actionable: bool = False


class SubscriptionFacts(Facts, frozen=True):
    """A subscription."""

    currency: str | None = None
    period_start: int | None = None
    period_end: int | None = None
    trial_end: int | None = None
    ends_at: int | None = None
    ended_at: int | None = None


class InvoiceFacts(Facts, frozen=True):
    """An invoice of a subscription. `amount` is what was paid."""

    reason: str | None = None
    amount: int = 0
    paid_until: int | None = None
    """The end of the period that the lines in the event pay."""
    has_all_lines: bool = True
    """Whether the event had all lines; stored as True by releases that did not ask."""
    drawn_up: int | None = None
    """When the period that it pays begins, or after that for a change within a period."""


FACTS_OF: dict[Kind, type[Facts]] = {
    Kind.ORDER: OrderFacts,
    Kind.ORDER_EXPIRED: OrderExpiredFacts,
    Kind.PAYMENT_ACCEPTED: NoFacts,
    Kind.ORDER_REVOKED: NoFacts,
    Kind.DECISION: DecisionFacts,
    Kind.SESSION: SessionFacts,
    Kind.INTENT: IntentFacts,
    Kind.CHARGE: ChargeFacts,
    Kind.REFUND: RefundFacts,
    Kind.DISPUTE: DisputeFacts,
    Kind.WARNING: WarningFacts,
    Kind.SUBSCRIPTION: SubscriptionFacts,
    Kind.INVOICE: InvoiceFacts,
    Kind.INVOICE_PAYMENT: NoFacts,
    Kind.CUSTOMER_DELETED: NoFacts,
    Kind.OTHER: NoFacts,
}
"""The struct of each kind of event."""
