"""The state of an order, computed from its own record and from Stripe's events.

    open ──► processing ──► paid ◄──► partially_refunded ◄──► refunded
      │          │            ▲ (a refund that fails returns the money to us)
      ├──► expired ───────────┤ (a payment counts, however late its event arrives)
      └──► failed ────────────┘
                       paid, partially_refunded ◄──► disputed ──► charged_back

An order is processing while its buyer's payment is on its way. Any of these ends that: the session is paid or
fails, the payment intent is canceled or fails (`schemas.rules.unpaid`), or staff close the order.

Amounts are in minor units. When a session pays an order, when a refund counts and which lines it covers are
rules of `schemas.rules`, so that access, mails and reports follow the same ones.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from checkout.domain.facts import ChargeFacts, DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from checkout.domain.order_state import (
    LineState,
    OrderEvents,
    OrderRecord,
    OrderState,
    State,
)
from checkout.domain.returned import disputes_of, latest, lost_at, moved_at, of_payment, refunds_of
from messaging.eventset.event import Event, has_facts
from messaging.eventset.facts import Facts
from schemas.rules import (
    Dispute,
    Mismatch,
    PaidLine,
    Refund,
    cover,
    ended_unpaid,
    intents_of_charges,
    is_complete,
    is_settled,
    names_order,
    paid_by_line,
    payment_mismatch,
)
from schemas.times import instant

F = TypeVar("F", bound=Facts)
R = TypeVar("R", Refund, Dispute)

PAYMENT_ACCEPTED = "masterji.order.payment_accepted.v1"
REVOKED = "masterji.order.revoked.v1"


def group_events(events: Iterable[Event[Facts]]) -> OrderEvents:
    """Group an order's events, given in chronological order."""
    found = list(events)
    return OrderEvents(
        sessions=tuple(event for event in found if has_facts(event, SessionFacts)),
        accepted=frozenset(
            event.links["session_id"]
            for event in found
            if event.type == PAYMENT_ACCEPTED and "session_id" in event.links
        ),
        revoked_at=next((instant(event.created) for event in found if event.type == REVOKED), None),
        intents=tuple(event for event in found if has_facts(event, IntentFacts)),
        charges=tuple(event for event in found if has_facts(event, ChargeFacts)),
        refunds=tuple(event for event in found if has_facts(event, RefundFacts)),
        disputes=tuple(event for event in found if has_facts(event, DisputeFacts)),
        intent_of_charge=intents_of_charges(event.links for event in found),
    )


def derive_state(order: OrderRecord, events: OrderEvents) -> OrderState:
    """Compute the state of the order.

    A session counts if its id or its metadata names the order; it pays the order only if it agrees with it
    (`schemas.rules.mismatch`). Only refunds of the payment that paid the order cover its lines. A payment
    that does not match is a mismatch until it has been refunded.
    """
    session_ids = {*order.session_ids, *events.accepted}
    sessions = [
        session
        for session in map(_Session, events.sessions)
        if names_order(session, order.order_id, session_ids)
    ]
    settled = [session for session in sessions if is_settled(session)]
    paying = [session for session in settled if session.pays(order, events.accepted)]
    kept = [session for session in settled if _returned_at(events, session) is None]
    sentence = _mismatch(order, events.accepted, kept, paying)
    if not paying:
        refunded = [when for session in settled if (when := _returned_at(events, session))]
        return _unpaid(order, events, sessions, sentence, max(refunded, default=None))
    return _paid(order, events, paying[0], sentence)


def _paid(order: OrderRecord, events: OrderEvents, session: "_Session", sentence: str | None) -> OrderState:
    payment_intent = session.payment_intent_id
    if payment_intent is None and events.revoked_at is not None:
        return _revoked(order, events.revoked_at, session, sentence)
    charges = [c for c in events.charges if c.links.get("payment_intent_id") == payment_intent]
    newest = latest(of_payment(events.refunds, payment_intent, events.intent_of_charge))
    disputes = disputes_of(events, payment_intent)
    refunds = refunds_of(events, payment_intent, order.currency)
    lines = [
        PaidLine(line.line_id, paid, line.bundle_id)
        for line, paid in zip(
            order.lines,
            paid_by_line([line.amount for line in order.lines], session.paid),
            strict=True,
        )
    ]
    coverage = cover(lines, refunds, disputes, order.currency)
    lost = lost_at(lines, refunds, disputes, order.currency)
    return OrderState(
        state=State(coverage.state),
        mismatch=sentence,
        paid_at=session.at,
        refunded_at=max((moved_at(refund) for refund in refunds if refund.stands), default=None),
        amount_paid=session.paid,
        amount_tax=session.tax,
        amount_refunded=sum(refund.amount for refund in refunds if refund.stands),
        payment_intent_id=payment_intent,
        charge_id=next((charge.object_id for charge in reversed(charges)), None),
        customer_id=session.event.facts.customer,
        receipt_url=next((url for c in reversed(charges) if (url := c.facts.receipt_url)), None),
        dispute=_gravest(disputes),
        amount_disputed=coverage.disputed_amount,
        refund_failed=any(refund.status == "failed" for refund in newest.values()),
        refund_statuses={name: refund.status or "pending" for name, refund in newest.items()},
        lines={
            line.line_id: LineState(
                paid=line.amount,
                refunded=coverage.refunded_amounts[line.line_id],
                refunded_at=lost.get(line.line_id),
            )
            for line in lines
        },
    )


def _revoked(
    order: OrderRecord, revoked_at: datetime, session: "_Session", sentence: str | None
) -> OrderState:
    """The state of an order for which nothing was paid, after staff ended it."""
    return OrderState(
        state=State.REFUNDED,
        mismatch=sentence,
        paid_at=session.at,
        refunded_at=revoked_at,
        amount_paid=session.paid,
        customer_id=session.event.facts.customer,
        lines={line.line_id: LineState(paid=0, refunded_at=revoked_at) for line in order.lines},
    )


def _gravest(disputes: Sequence[Dispute]) -> str | None:
    """The status of the dispute with the gravest effect. One without a status counts as open."""
    found = max(disputes, key=lambda dispute: dispute.effect, default=None)
    return None if found is None else found.status or "needs_response"


@dataclass(frozen=True)
class _Session:
    """A Checkout Session as one event reports it, as the rules of `schemas.rules.sessions` read it."""

    event: Event[SessionFacts]

    @property
    def at(self) -> datetime:
        return instant(self.event.created)

    @property
    def session_id(self) -> str | None:
        return self.event.object_id

    @property
    def order_id(self) -> str | None:
        return self.event.links.get("order_id")

    @property
    def status(self) -> str | None:
        return self.event.status

    @property
    def payment_status(self) -> str | None:
        return self.event.facts.payment_status

    @property
    def payment_intent_id(self) -> str | None:
        return self.event.facts.payment_intent

    @property
    def payment_id(self) -> str | None:
        return self.payment_intent_id

    @property
    def currency(self) -> str | None:
        return self.event.facts.currency

    @property
    def before_tax(self) -> int | None:
        # An event that was recorded without it is of a session without tax, or does not match its order.
        facts = self.event.facts
        return facts.amount_total if facts.before_tax is None else facts.before_tax

    @property
    def paid(self) -> int:
        return self.event.facts.amount_total or 0

    @property
    def tax(self) -> int:
        return self.event.facts.amount_tax

    @property
    def mode(self) -> str | None:
        return self.event.facts.mode

    def pays(self, order: OrderRecord, accepted: Collection[str]) -> bool:
        return self.mode == "payment" and self.mismatch(order, accepted) is None

    def mismatch(self, order: OrderRecord, accepted: Collection[str]) -> Mismatch | None:
        return payment_mismatch(
            self,
            order.currency,
            order.amount,
            order.session_ids if order.only_its_session else (),
            accepted=self.session_id in accepted,
        )


def _unpaid(
    order: OrderRecord,
    events: OrderEvents,
    sessions: Sequence[_Session],
    sentence: str | None,
    refunded_at: datetime | None,
) -> OrderState:
    if sentence is not None:
        # A payment exists that does not match. The buyer must not be asked to pay a second time meanwhile.
        return OrderState(State.PROCESSING, sentence)
    if refunded_at is not None:
        return OrderState(State.FAILED, failed_at=refunded_at)
    by_session: dict[str | None, list[_Session]] = {}
    for session in sessions:
        by_session[session.session_id] = [*by_session.pop(session.session_id, []), session]
    states = [_of_session(order, events, reports) for reports in by_session.values()]
    # While any of its payments is on its way, the buyer must not be asked for another.
    on_its_way = [state for state in states if state.state is State.PROCESSING]
    return (on_its_way or states or [_without_payment(order)])[-1]


def _without_payment(order: OrderRecord) -> OrderState:
    state = State.OPEN if order.closed_at is None else State.EXPIRED
    return OrderState(state, expired_at=order.closed_at)


def _of_session(order: OrderRecord, events: OrderEvents, reports: Sequence[_Session]) -> OrderState:
    """The state of the order if this session, which is not paid, is its only one."""
    last = reports[-1]
    if last.status == "expired":
        return OrderState(State.EXPIRED, expired_at=order.closed_at or last.at)
    completed_at = next((report.at for report in reports if is_complete(report)), None)
    if completed_at is None:
        return _without_payment(order)
    if order.closed_at is not None and order.closed_at >= completed_at:
        return OrderState(State.EXPIRED, expired_at=order.closed_at)
    payment_intent = last.payment_intent_id
    intents = [event for event in events.intents if event.object_id == payment_intent]
    ended_at = ended_unpaid([report.event for report in reports], intents)
    if ended_at is not None:
        return OrderState(State.FAILED, failed_at=instant(ended_at))
    return OrderState(State.PROCESSING, payment_intent_id=payment_intent)


def _returned_at(events: OrderEvents, session: _Session) -> datetime | None:
    """Return when the payment of a session was returned, by refunds or lost disputes; None if it was not."""
    payment_intent = session.payment_intent_id
    if payment_intent is None or session.event.facts.amount_total is None:
        return None
    refunds = refunds_of(events, payment_intent, session.currency)
    disputes = disputes_of(events, payment_intent)
    whole = [PaidLine("", session.paid)]
    return lost_at(whole, refunds, disputes, session.currency or "").get("")


def _mismatch(
    order: OrderRecord, accepted: Collection[str], kept: Sequence[_Session], paying: Sequence[_Session]
) -> str | None:
    """What does not match, of the settled sessions whose payment has not gone back.

    Operators review this sentence: with another wording, reviewed mismatches would be listed again.
    """
    for session in kept:
        if session.mismatch(order, accepted) == "session_unknown":
            return (
                f"Session {session.session_id} settled {session.before_tax} {session.currency} and names "
                "this order, but checkout did not make it."
            )
        if session.mismatch(order, accepted) == "payment_missing":
            return f"Session {session.session_id} reports {session.paid} {session.currency}, but no payment."
        if session not in paying:
            return (
                f"Session {session.session_id} settled {session.before_tax} {session.currency} "
                f"(mode {session.mode}); the order is over {order.amount} {order.currency}."
            )
    payments = {session.payment_intent_id for session in paying}
    # The first payment counts even if it was refunded: the order's state follows from it.
    present = {session.payment_intent_id for session in (*paying[:1], *kept) if session in paying}
    if len(payments) > 1 and len(present) > 1:
        return f"The order was paid {len(present)} times; refund all but the first."
    return None
