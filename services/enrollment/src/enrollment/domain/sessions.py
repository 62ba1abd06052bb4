"""The Checkout Sessions of each order, as the shared rules (`schemas.rules.sessions`) read them."""

from collections import defaultdict

from enrollment.domain.book import Book
from enrollment.domain.facts import OrderFacts, SessionFacts
from messaging.eventset.event import Event
from schemas.rules import Mismatch, SessionState, payment_mismatch


def sessions_by_order(book: Book) -> dict[str, list[list[Event[SessionFacts]]]]:
    """Return the sessions of each order: those whose metadata names it, those that the order names, and those
    that staff accepted for it.

    This is `schemas.rules.names_order` for all orders at once. Orders that were not announced are included.
    """
    announced: dict[str, list[str]] = defaultdict(list)
    for order_id, versions in book.orders.items():
        made = {v.links["session_id"] for v in versions if "session_id" in v.links}
        for session_id in made | book.accepted[order_id]:
            announced[session_id].append(order_id)
    result: dict[str, list[list[Event[SessionFacts]]]] = defaultdict(list)
    for session_id, events in book.sessions.items():
        in_metadata = [event.links["order_id"] for event in events if "order_id" in event.links]
        for order_id in dict.fromkeys((*in_metadata, *announced[session_id])):
            result[order_id].append(events)
    return result


def session_state(event: Event[SessionFacts]) -> SessionState:
    """Return the session as this event reports it.

    Events stored before the price before tax was kept have only the total, which is the same without tax.
    """
    facts = event.facts
    return SessionState(
        session_id=event.object_id,
        status=event.status,
        payment_status=facts.payment_status,
        currency=facts.currency,
        before_tax=facts.amount if facts.before_tax is None else facts.before_tax,
        paid=facts.amount or 0,
        order_id=event.links.get("order_id"),
        payment_id=event.links.get("payment_intent_id") or event.links.get("subscription_id"),
    )


def session_mismatch(book: Book, order: Event[OrderFacts], session: SessionState) -> Mismatch | None:
    """Return what differs between an order and a session of it; None if the session pays the order."""
    facts = order.facts
    return payment_mismatch(
        session,
        facts.currency,
        facts.amount,
        () if facts.session_id is None else (facts.session_id,),
        accepted=session.session_id in book.accepted[order.links["order_id"]],
    )
