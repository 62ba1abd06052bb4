"""Finds paid orders without a grant, and events of which it is unknown which came first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from enrollment.domain.book import Book
from enrollment.domain.facts import IntentFacts, OrderFacts, SessionFacts
from enrollment.domain.orders import course_lines
from enrollment.domain.payments import NO_HISTORY, PaymentHistory, state_of_whole
from enrollment.domain.sessions import session_mismatch, session_state, sessions_by_order
from enrollment.domain.types import Grant, Unfulfilled
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts
from schemas.rules import is_settled
from schemas.times import instant


@dataclass(frozen=True, slots=True)
class Tie:
    """Two events of an object in its newest second, without proof of which came first."""

    object_id: str
    created: int
    """Microseconds since the epoch."""


def unfulfilled(
    owner: str, book: Book, histories: Mapping[str, PaymentHistory], grants: Sequence[Grant]
) -> Iterator[Unfulfilled]:
    """Return the orders of `owner` that were paid and have no grant.

    Foreign payments name no order of ours, so they are not included; neither are payments that were returned.
    """
    granted = {grant.source_id for grant in grants if grant.kind == "order" and grant.since}
    granted |= {
        book.order_of_subscription.get(grant.source_id, "")
        for grant in grants
        if grant.kind == "subscription"
    }
    sessions = sessions_by_order(book)
    paid_intents = {
        event.links["order_id"]: event
        for events in book.intents.values()
        for event in events
        if event.status == "succeeded" and "order_id" in event.links
    }
    for order_id in dict.fromkeys((*sessions, *paid_intents)):
        if order_id in granted or order_id in book.orders_of_others:
            continue
        intent = paid_intents.get(order_id)
        paid = [e for events in sessions.get(order_id, ()) for e in events if is_settled(session_state(e))]
        evidence: Event[SessionFacts] | Event[IntentFacts] | None = paid[0] if paid else intent
        orders = book.orders.get(order_id, [])
        if evidence is None or not (orders or evidence.links.get("user_id") == owner):
            continue
        if orders and not paid and not course_lines(orders[-1]):
            continue  # the payment of a plan: its session and its subscription report what is missing
        intent_id = evidence.links.get("payment_intent_id") or (intent.object_id if intent else None)
        history = histories.get(intent_id, NO_HISTORY) if intent_id else NO_HISTORY
        amount, currency = evidence.facts.amount or 0, evidence.facts.currency or ""
        if state_of_whole([history], amount, currency) in ("refunded", "charged_back"):
            continue
        known = sessions.get(order_id) or [[]]
        session_id = next((event.object_id for events in known for event in events), None)
        yield Unfulfilled(
            order_id=order_id,
            session_id=session_id
            or next((o.links["session_id"] for o in orders if "session_id" in o.links), None),
            payment_intent_id=intent_id,
            paid_at=instant(evidence.created),
            reason=_reason(book, orders, paid),
        )


def _reason(book: Book, orders: Sequence[Event[OrderFacts]], paid: Sequence[Event[SessionFacts]]) -> str:
    if not orders:
        return "order_unknown"
    if not paid:
        return "session_missing"
    if not course_lines(orders[-1]):
        return "subscription_missing"
    return session_mismatch(book, orders[-1], session_state(paid[0])) or "no_line_opens_a_course"


def ties(book: Book) -> Iterator[Tie]:
    """Return the objects whose newest state is a guess: two events of one second, without proof of order."""
    by_object: tuple[Mapping[str, Sequence[Event[Facts]]], ...]
    by_object = (book.refunds, book.disputes, book.subscriptions)
    for objects in by_object:
        for object_id, events in objects.items():
            own = [event for event in events if event.object_id == object_id]
            if len(own) < 2:
                continue
            earlier, later = own[-2:]
            if (
                earlier.created == later.created
                and earlier.status != later.status
                and later.previous_status != earlier.status
            ):
                yield Tie(object_id, later.created)
