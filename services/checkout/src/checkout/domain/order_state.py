"""What checkout records of an order, the state that is derived for it, and what that state keeps reserved.

How the state is derived from Stripe's events: `orders`. Amounts are in minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from checkout.domain.facts import ChargeFacts, DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from messaging.eventset.event import Event


class State(StrEnum):
    """The states of an order."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    """The bank holds all that is left of the payment until a dispute is decided."""
    CHARGED_BACK = "charged_back"
    """Lost disputes returned all that was left of the payment to the buyer."""
    FAILED = "failed"
    EXPIRED = "expired"


BOUGHT = frozenset({State.PAID, State.PARTIALLY_REFUNDED, State.DISPUTED})
HOLDING = BOUGHT | {State.OPEN, State.PROCESSING}
"""While an order is in one of these, its buyer cannot order the same course again."""


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """A line as checkout recorded it; `amount` is before tax."""

    line_id: str
    amount: int
    bundle_id: str | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """What checkout recorded before it called Stripe, and when it closed the order itself."""

    order_id: str
    currency: str
    lines: tuple[RecordedLine, ...]
    session_id: str | None = None
    closed_at: datetime | None = None
    only_its_session: bool = False
    """Whether no session pays it but its own. Earlier releases placed orders that any session paid that named
    them."""

    @property
    def session_ids(self) -> tuple[str, ...]:
        """The sessions that checkout made for the order."""
        return () if self.session_id is None else (self.session_id,)

    @property
    def amount(self) -> int:
        """The order's total before tax."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class OrderEvents:
    """Stripe's events about one order, oldest first, grouped by the object that they are about.

    `intent_of_charge`: charge id -> payment intent id, as far as any event names both.
    """

    sessions: tuple[Event[SessionFacts], ...] = ()
    accepted: frozenset[str] = frozenset()
    """The sessions that staff accepted as payments of the order."""
    revoked_at: datetime | None = None
    """When staff ended the order, for which nothing was paid."""
    intents: tuple[Event[IntentFacts], ...] = ()
    charges: tuple[Event[ChargeFacts], ...] = ()
    refunds: tuple[Event[RefundFacts], ...] = ()
    disputes: tuple[Event[DisputeFacts], ...] = ()
    intent_of_charge: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineState:
    """A line of a paid order. `paid` is with tax; `refunded_at` is set once refunds or lost disputes have
    ended its access."""

    paid: int
    refunded: int = 0
    refunded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderState:
    """The state of an order. `mismatch` is a sentence for an operator: a payment does not match the order.

    `amount_paid` is with tax; None until the order is paid. `dispute` is the status of the most serious
    dispute of its payment, `amount_disputed` what disputes hold or have taken. `refund_failed`: a bank
    returned a refund. `lines`: by line id, once it is paid.
    """

    state: State
    mismatch: str | None = None
    paid_at: datetime | None = None
    failed_at: datetime | None = None
    expired_at: datetime | None = None
    refunded_at: datetime | None = None
    amount_paid: int | None = None
    amount_tax: int = 0
    amount_refunded: int = 0
    payment_intent_id: str | None = None
    charge_id: str | None = None
    customer_id: str | None = None
    receipt_url: str | None = None
    dispute: str | None = None
    amount_disputed: int = 0
    refund_failed: bool = False
    refund_statuses: dict[str, str] = field(default_factory=dict)
    lines: Mapping[str, LineState] = field(default_factory=dict)


def access_ends_at(paid_at: datetime | None, access_days: int | None) -> datetime | None:
    """When the access that a line bought ends; None: never, or not bought yet."""
    return None if paid_at is None or access_days is None else paid_at + timedelta(days=access_days)


def holds(state: OrderState, line_id: str, access_days: int | None, now: datetime) -> bool:
    """Return whether a line of the order holds its course, so that the buyer cannot order it again.

    It does not once the order has ended, the line was refunded, or its access period has ended.
    """
    if state.state not in HOLDING:
        return False
    line = state.lines.get(line_id)
    if line is not None and line.refunded_at is not None:
        return False
    ends_at = access_ends_at(state.paid_at, access_days)
    return ends_at is None or ends_at > now
