"""The payments and settled Checkout Sessions of one owner, read from its events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET

from messaging.eventset.event import Event, has_facts
from reporting.domain.facts import MoneyEvent, PaymentFacts, SessionFacts
from schemas.rules import intents_of_charges, is_settled
from schemas.times import instant


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that was received.

    `payment_id` is the id of the payment intent, else of the charge, else (nothing to pay) of the session.
    """

    payment_id: str
    received_at: datetime
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Session:
    """A Checkout Session as one event reports it, and the id of its payment. Amounts are in minor units."""

    session_id: str
    payment_id: str
    at: datetime
    status: str | None
    payment_status: str | None
    currency: str
    before_tax: int | None
    paid: int


def settled_sessions(events: Iterable[MoneyEvent]) -> list[Session]:
    """Return the settled sessions, earliest first: paid at once, paid later, or with nothing to pay."""
    sessions = (_session(event) for event in events if has_facts(event, SessionFacts))
    return [session for session in sessions if is_settled(session)]


def _session(event: Event[SessionFacts]) -> Session:
    facts = event.facts
    return Session(
        session_id=facts.session_id,
        payment_id=facts.payment_id,
        at=instant(event.created),
        status=event.status,
        payment_status=facts.payment_status,
        currency=facts.currency,
        before_tax=facts.amount if facts.before_tax is UNSET else facts.before_tax,
        paid=facts.amount,
    )


def payments_of(events: Sequence[MoneyEvent], sessions: Sequence[Session]) -> dict[str, Payment]:
    """Return every payment received, by id. `sessions` are the settled sessions of these events.

    A charge whose payment intent is known is the payment of that intent. A payment is dated by the first
    event that reports it. Its amount is the one that the payment itself reports, even if a session reports
    another.
    """
    found = {
        session.payment_id: Payment(session.payment_id, session.at, session.currency, session.paid)
        for session in reversed(sessions)
    }
    intents = intents_of_charges(event.links for event in events)
    for event in events:
        if not has_facts(event, PaymentFacts):
            continue
        facts = event.facts
        payment_id = intents.get(facts.payment_id, facts.payment_id)
        received_at = instant(event.created)
        if payment_id in found:
            received_at = min(received_at, found[payment_id].received_at)
        found[payment_id] = Payment(payment_id, received_at, facts.currency, facts.amount)
    return found
