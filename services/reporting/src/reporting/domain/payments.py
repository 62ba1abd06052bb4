"""Which payments the events of one owner speak of: received amounts, and sessions that were settled. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from messaging.eventset.event import Event
from schemas.times import instant

SESSION_EVENTS = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
PAYMENT_EVENTS = frozenset({"payment_intent.succeeded", "charge.succeeded", "charge.captured"})
SETTLED = frozenset({"paid", "no_payment_required"})


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that arrived. `payment_id` is the payment intent, else the charge, else (nothing to pay) the
    session."""

    payment_id: str
    received_at: datetime
    currency: str
    amount: int
    session_id: str | None = None


def settled_sessions(events: Sequence[Event]) -> list[Payment]:
    """The settled checkout sessions, earliest first: paid at once, paid later, or with nothing to pay."""
    return [
        Payment(
            event.facts["payment_id"],
            instant(event.created),
            event.facts["currency"],
            event.facts["amount"],
            event.facts["session_id"],
        )
        for event in events
        if event.type in SESSION_EVENTS and event.facts["payment_status"] in SETTLED
    ]


def payments_of(events: Sequence[Event], sessions: Sequence[Payment]) -> dict[str, Payment]:
    """Every payment received, once, dated by the first event that says so; `sessions` are the settled ones.

    The amount is what the payment itself reports, also when a session says something else.
    """
    found = {payment.payment_id: payment for payment in reversed(sessions)}
    for event in events:
        if event.type not in PAYMENT_EVENTS:
            continue
        facts = event.facts
        payment = Payment(facts["payment_id"], instant(event.created), facts["currency"], facts["amount"])
        known = found.get(payment.payment_id)
        if known is not None:
            payment = replace(
                payment,
                received_at=min(payment.received_at, known.received_at),
                session_id=known.session_id,
            )
        found[payment.payment_id] = payment
    return found
