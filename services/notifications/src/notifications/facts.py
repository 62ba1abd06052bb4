"""Turns messages into the events that notifications stores.

Personal data: the buyer's email address and locale are stored with the order, because a refund may happen
long after it. Nothing else that identifies a person is stored. Sessions that name none of our orders are
dropped.
"""

from __future__ import annotations

from messaging.eventset.contract import by_contract
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

STORED = FactsOf(FACTS_OF.__getitem__)
"""Encodes the facts for the event set, and decodes them."""

_DUPLICATE = "duplicate"
"""The reason of a refund for a duplicate purchase, in checkout's metadata and in Stripe's own field."""


@by_contract
def event_of(message: Message) -> Event[Facts] | None:
    """Return the event, or None if no mail depends on it.

    Raises Poison if the message breaks its contract.
    """
    if message.type not in FACTS_OF:
        return None
    return _order(message) if message.type == ORDER_PLACED else _stripe(message)


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


def _facts(view: stripe.StripeObject, order_id: str | None) -> Facts | None:
    match view:
        # The receipts of a subscription belong to its invoices.
        case stripe.Session(mode="payment") if order_id is not None:
            return SessionFacts(
                order_id=order_id,
                amount=view.amount_total or 0,
                before_tax=view.before_tax,
                currency=view.currency,
                payment_status=view.payment_status,
            )
        case stripe.Refund():
            return RefundFacts(
                refund_id=view.id,
                amount=view.amount,
                currency=view.currency,
                status=view.status,
                created=view.created,
                line_ids=view.line_ids,
                duplicate=_DUPLICATE in (view.metadata.get("reason"), view.reason),
            )
        case _:
            return None
