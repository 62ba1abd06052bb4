"""Turns messages into the events that notifications stores.

Personal data: the buyer's email address and locale are stored with the order, because a refund may happen
long after it. Nothing else that identifies a person is stored.
"""

from __future__ import annotations

from messaging.eventset.contract import by_type
from messaging.eventset.event import Event, event_of_report
from messaging.eventset.event_set import clean_links
from messaging.eventset.facts import Facts, FactsOf
from messaging.message import Message
from notifications.domain.facts import (
    FACTS_OF,
    ORDER_PLACED,
    PAYMENT_ACCEPTED,
    ChargeFacts,
    DisputeFacts,
    OrderFacts,
    RefundFacts,
    SessionFacts,
)
from schemas import stripe
from schemas.events import OrderPlaced, PaymentAccepted

OWNER = "order_id"
FOLLOW = ("session_id", "payment_intent_id", "charge_id")
LINKS = (OWNER, *FOLLOW)
"""The ids that connect events. An order names its session, a session its payment, a payment its charge."""

STORED = FactsOf(FACTS_OF.__getitem__)
"""Encodes the facts for the event set, and decodes them."""

_DUPLICATE = "duplicate"
"""The reason of a refund for a duplicate purchase, in checkout's metadata and in Stripe's own field."""


def _order(message: Message) -> Event[Facts]:
    order = OrderPlaced.model_validate_json(message.value)
    links = clean_links({"order_id": order.order_id, "session_id": order.session_id})
    return Event(message.id, message.type, message.created, links=links, facts=OrderFacts.of(order))


def _accepted(message: Message) -> Event[Facts]:
    body = PaymentAccepted.model_validate_json(message.value)
    links = clean_links({"order_id": body.order_id, "session_id": body.session_id})
    return Event(message.id, message.type, message.created, links=links, facts=Facts())


def _stripe(message: Message) -> Event[Facts] | None:
    event = stripe.parse(message.value)
    links = clean_links({name: event.links.get(name) for name in LINKS})
    facts = _facts(event.object, links.get("order_id", ""))
    if facts is None or not links:
        return None
    return event_of_report(event, links, facts)


def _facts(obj: stripe.StripeObject, order_id: str) -> Facts | None:
    match obj:
        # The receipts of a subscription belong to its invoices.
        case stripe.Session(mode="payment"):
            return SessionFacts.taken_from(obj, order_id=order_id, amount=obj.amount_total or 0)
        case stripe.Refund():
            return RefundFacts.taken_from(
                obj,
                refund_id=obj.id,
                duplicate=_DUPLICATE in (obj.metadata.get("reason"), obj.reason),
            )
        case stripe.Charge():
            return ChargeFacts.taken_from(obj)
        case stripe.Dispute():
            return DisputeFacts.taken_from(obj)
        case stripe.PaymentIntent():
            return Facts()
        case _:
            return None


event_of = by_type({**dict.fromkeys(FACTS_OF, _stripe), ORDER_PLACED: _order, PAYMENT_ACCEPTED: _accepted})
"""Returns the event for a message, or None if no mail depends on it.

Raises Poison if the message breaks its contract.
"""
