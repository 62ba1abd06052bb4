"""Turns messages into the events that notifications stores.

Personal data: the buyer's email address and locale are stored with the order, because a refund may happen
long after it. Nothing else that identifies a person is stored. Sessions that name none of our orders are
dropped.
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
    OrderFacts,
    RefundFacts,
    SessionFacts,
)
from schemas import stripe
from schemas.events import OrderPlaced

LINKS = ("order_id", "payment_intent_id")
"""The ids that connect events."""

OWNER = "order_id"
"""The link that names the order that an event belongs to."""

FOLLOW = ("payment_intent_id",)
"""The links that lead from an event to others of its order."""

STORED = FactsOf(FACTS_OF.__getitem__)
"""Encodes the facts for the event set, and decodes them."""

_DUPLICATE = "duplicate"
"""The reason of a refund for a duplicate purchase, in checkout's metadata and in Stripe's own field."""


def _order(message: Message) -> Event[Facts]:
    order = OrderPlaced.model_validate_json(message.value)
    links = {"order_id": order.order_id}
    return Event(message.id, message.type, message.created, links=links, facts=OrderFacts.of(order))


def _stripe(message: Message) -> Event[Facts] | None:
    event = stripe.parse(message.value)
    order_id, payment_intent_id = event.links.get("order_id"), event.links.get("payment_intent_id")
    facts = _facts(event.object, order_id)
    if facts is None:
        return None
    links = clean_links({"order_id": order_id, "payment_intent_id": payment_intent_id})
    return event_of_report(event, links, facts)


def _facts(obj: stripe.StripeObject, order_id: str | None) -> Facts | None:
    match obj:
        # The receipts of a subscription belong to its invoices.
        case stripe.Session(mode="payment") if order_id is not None:
            return SessionFacts.taken_from(obj, order_id=order_id, amount=obj.amount_total or 0)
        case stripe.Refund():
            return RefundFacts.taken_from(
                obj,
                refund_id=obj.id,
                duplicate=_DUPLICATE in (obj.metadata.get("reason"), obj.reason),
            )
        case _:
            return None


event_of = by_type({**dict.fromkeys(FACTS_OF, _stripe), ORDER_PLACED: _order})
"""Returns the event for a message, or None if no mail depends on it.

Raises Poison if the message breaks its contract.
"""
