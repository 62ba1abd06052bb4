"""What an order is worth believing: its state as a function of its own record and of Stripe's events.

    open ──► processing ──► paid ◄──► partially_refunded ◄──► refunded
      │          │            ▲ (a refund that fails gives the money back to us)
      ├──► expired ───────────┤ (a payment that was made counts, however late we hear of it)
      └──► failed ────────────┘

Money is in the currency's minor unit. Nothing here reads a clock, a database or the network.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from messaging.eventset.event import Event


class State(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"
    EXPIRED = "expired"


BOUGHT = frozenset({State.PAID, State.PARTIALLY_REFUNDED})
HOLDING = BOUGHT | {State.OPEN, State.PROCESSING}
"""While an order is in one of these, its buyer cannot order the same course again."""

HARMLESS_DISPUTES = frozenset({"won", "prevented", "charge_refunded"})
"""As enrollment reads them: the matter ended without a chargeback."""

SESSION_EXPIRED = "checkout.session.expired"
SETTLED = frozenset({"paid", "no_payment_required"})


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """What checkout itself wrote down before it ever spoke to Stripe, and its own decision to close."""

    order_id: str
    currency: str
    amount: int
    session_id: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Stripe's events about one order, oldest first, sorted by what they speak of."""

    sessions: tuple[Event, ...] = ()
    charges: tuple[Event, ...] = ()
    refunds: tuple[Event, ...] = ()
    disputes: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows for the order. `mismatch` is a sentence for an operator: money came that does not fit.

    `dispute`: the status of the gravest dispute of its payment. `refund_failed`: the bank sent one back.
    """

    state: State
    mismatch: str | None = None
    paid_at: datetime | None = None
    failed_at: datetime | None = None
    expired_at: datetime | None = None
    refunded_at: datetime | None = None
    amount_refunded: int = 0
    payment_intent_id: str | None = None
    charge_id: str | None = None
    customer_id: str | None = None
    receipt_url: str | None = None
    dispute: str | None = None
    refund_failed: bool = False
    refund_statuses: dict[str, str] = field(default_factory=dict)


_PARTS = {"checkout.session": "sessions", "charge": "charges", "refund": "refunds", "dispute": "disputes"}


def tell(events: Iterable[Event]) -> Story:
    """Sort an order's events, given in chronological order, into its story."""
    parts: dict[str, list[Event]] = {name: [] for name in _PARTS.values()}
    for event in events:
        part = _PARTS.get(str(event.facts.get("object")))
        if part is not None:
            parts[part].append(event)
    return Story(**{name: tuple(found) for name, found in parts.items()})


def judge(order: OrderRecord, story: Story) -> Standing:
    """Say where the order stands.

    A session counts if its id or its metadata names the order; it pays the order only if its amount and
    currency are the order's. Only refunds of the payment that paid the order take anything back. Money that
    does not fit is a mismatch until it has been given back.
    """
    sessions = [session for session in story.sessions if _names(order, session)]
    settled = [session for session in sessions if _is_settled(session)]
    fitting = [session for session in settled if _fits(order, session)]
    kept = [session for session in settled if _given_back(story, session) is None]
    mismatch = _mismatch(order, kept, fitting)
    if not fitting:
        back = [when for session in settled if (when := _given_back(story, session))]
        return _unpaid(order, sessions, mismatch, max(back, default=None))
    first = fitting[0]
    payment_intent = _text(first, "payment_intent")
    charges = [charge for charge in story.charges if charge.links.get("payment_intent_id") == payment_intent]
    refunds = _latest(_of_payment(story.refunds, payment_intent, charges))
    returned = sum(
        _amount(refund)
        for refund in refunds.values()
        if refund.status == "succeeded" and refund.facts.get("currency") == order.currency
    )
    disputes = list(_latest(_of_payment(story.disputes, payment_intent, charges)).values())
    return Standing(
        state=_paid_state(order.amount, returned),
        mismatch=mismatch,
        paid_at=moment(first),
        refunded_at=max((moment(r) for r in refunds.values() if r.status == "succeeded"), default=None),
        amount_refunded=returned,
        payment_intent_id=payment_intent,
        charge_id=next((charge.object_id for charge in reversed(charges)), None),
        customer_id=_text(first, "customer"),
        receipt_url=next((url for c in reversed(charges) if (url := _text(c, "receipt_url"))), None),
        dispute=max((_dispute_status(dispute) for dispute in disputes), key=_gravity, default=None),
        refund_failed=any(refund.status == "failed" for refund in refunds.values()),
        refund_statuses={name: refund.status or "pending" for name, refund in refunds.items()},
    )


def _is_settled(session: Event) -> bool:
    # Of a session with nothing to pay, Stripe says `no_payment_required` even when it expires unused.
    return session.type != SESSION_EXPIRED and session.facts.get("payment_status") in SETTLED


def access_ends_at(paid_at: datetime | None, access_days: int | None) -> datetime | None:
    """When the access that a line bought ends by itself; None: never, or not bought yet."""
    return None if paid_at is None or access_days is None else paid_at + timedelta(days=access_days)


def holds(standing: Standing, access_days: int | None, now: datetime) -> bool:
    """Whether a line of the order still keeps its buyer from ordering the same course again.

    It no longer does once the order has ended, the money went back, or the access that it bought is over.
    """
    if standing.state not in HOLDING or standing.dispute == "lost":
        return False
    ends_at = access_ends_at(standing.paid_at, access_days)
    return ends_at is None or ends_at > now


def moment(event: Event) -> datetime:
    """When the event happened, by the clock of its source."""
    return datetime.fromtimestamp(event.created // 1_000_000, UTC)


def _unpaid(
    order: OrderRecord, sessions: Sequence[Event], mismatch: str | None, given_back: datetime | None
) -> Standing:
    if mismatch is not None:
        # Money is there that does not fit. The buyer must not be asked to pay once more meanwhile.
        return Standing(State.PROCESSING, mismatch)
    if given_back is not None:
        return Standing(State.FAILED, failed_at=given_back)
    last = sessions[-1] if sessions else None
    if last is None:
        state = State.OPEN if order.closed_at is None else State.EXPIRED
        return Standing(state, expired_at=order.closed_at)
    if last.type == SESSION_EXPIRED:
        return Standing(State.EXPIRED, expired_at=order.closed_at or moment(last))
    if last.type == "checkout.session.async_payment_failed":
        return Standing(State.FAILED, failed_at=moment(last))
    return Standing(State.PROCESSING, payment_intent_id=_text(last, "payment_intent"))


def _names(order: OrderRecord, session: Event) -> bool:
    named = session.links.get("order_id") == order.order_id
    return named or (session.object_id is not None and session.object_id == order.session_id)


def _fits(order: OrderRecord, session: Event) -> bool:
    facts = session.facts
    return (facts.get("mode"), facts.get("currency"), facts.get("amount_total")) == (
        "payment",
        order.currency,
        order.amount,
    )


def _given_back(story: Story, session: Event) -> datetime | None:
    """When the whole payment of a session had gone back; None while anything of it is here."""
    payment_intent = _text(session, "payment_intent")
    if payment_intent is None:
        return None
    charges = [charge for charge in story.charges if charge.links.get("payment_intent_id") == payment_intent]
    refunds = [
        refund
        for refund in _latest(_of_payment(story.refunds, payment_intent, charges)).values()
        if refund.status == "succeeded" and refund.facts.get("currency") == session.facts.get("currency")
    ]
    paid = session.facts.get("amount_total")
    if not refunds or not isinstance(paid, int) or sum(map(_amount, refunds)) < paid:
        return None
    return max(map(moment, refunds))


def _mismatch(order: OrderRecord, kept: Sequence[Event], fitting: Sequence[Event]) -> str | None:
    """What does not fit, of the settled sessions whose money is still here."""
    for session in kept:
        if session not in fitting:
            facts = session.facts
            return (
                f"Session {session.object_id} settled {facts.get('amount_total')} {facts.get('currency')} "
                f"(mode {facts.get('mode')}); the order is over {order.amount} {order.currency}."
            )
    payments = {_text(session, "payment_intent") for session in fitting}
    # The first counts, given back or not: it is the one by which the order stands and falls.
    there = {_text(session, "payment_intent") for session in (*fitting[:1], *kept) if session in fitting}
    if len(payments) > 1 and len(there) > 1:
        return f"The order was paid {len(there)} times; refund all but the first."
    return None


def _paid_state(amount: int, returned: int) -> State:
    if returned <= 0:
        return State.PAID
    return State.REFUNDED if returned >= amount else State.PARTIALLY_REFUNDED


def _of_payment(events: Sequence[Event], payment_intent: str | None, charges: Sequence[Event]) -> list[Event]:
    """The events about one payment: by its intent, or by one of its charges where no intent is named."""
    ids = {charge.object_id for charge in charges}
    return [
        event
        for event in events
        if event.links.get("payment_intent_id", payment_intent) == payment_intent
        and ("payment_intent_id" in event.links or event.links.get("charge_id") in ids)
    ]


def _latest(events: Sequence[Event]) -> dict[str, Event]:
    """The newest event of each object, in the order of these newest events."""
    newest: dict[str, Event] = {}
    for event in events:
        if event.object_id is not None:
            newest.pop(event.object_id, None)
            newest[event.object_id] = event
    return newest


def _text(event: Event, name: str) -> str | None:
    value: Any = event.facts.get(name)
    return value if isinstance(value, str) and value else None


def _dispute_status(dispute: Event) -> str:
    # Without a word of how it stands it is open, as far as anybody knows.
    return dispute.status or "needs_response"


def _gravity(status: str) -> int:
    """A payment may be disputed more than once: what is lost stays lost, whatever comes of another."""
    if status == "lost":
        return 3
    if status in HARMLESS_DISPUTES:
        return 0
    return 1 if status.startswith("warning_") else 2


def _amount(event: Event) -> int:
    value: Any = event.facts.get("amount")
    return value if isinstance(value, int) else 0
