"""Converts a message to the event that reporting stores: links, and the facts that the rules read.

Names, addresses and e-mail addresses are not stored, as no report needs them.
"""

from __future__ import annotations

from messaging.eventset.contract import by_type
from messaging.eventset.event import Event, event_of_report
from messaging.eventset.event_set import clean_links
from messaging.message import Message
from reporting.domain.facts import (
    FACTS_OF,
    ORDER_PLACED,
    PAYMENT_ACCEPTED,
    AcceptedFacts,
    AnyFacts,
    ChargeFacts,
    DisputeFacts,
    MoneyEvent,
    OrderFacts,
    PaymentFacts,
    RefundFacts,
    SessionFacts,
)
from schemas import stripe
from schemas.events import OrderPlaced, PaymentAccepted

FOLLOW = ("session_id", "payment_intent_id", "charge_id")
"""The links between events besides the owner. An order names its session, a session its payment, a payment
its charge."""

_PAYMENTS = ("payment_intent_id", "charge_id", "session_id")
"""What a payment is called by: its intent, else its charge, else (nothing to pay) its session."""


def _order(message: Message) -> Event[OrderFacts]:
    order = OrderPlaced.model_validate_json(message.value)
    links = clean_links({"money_key": order.order_id, "session_id": order.session_id})
    return Event(message.id, message.type, message.created, links=links, facts=OrderFacts.of(order))


def _accepted(message: Message) -> Event[AcceptedFacts]:
    body = PaymentAccepted.model_validate_json(message.value)
    links = clean_links({"money_key": body.order_id, "session_id": body.session_id})
    return Event(message.id, message.type, message.created, links=links, facts=AcceptedFacts.of(body))


def _stripe(message: Message) -> MoneyEvent | None:
    event = stripe.parse(message.value)
    links = event.links
    order_id = links.get("order_id")
    payment_id = next((links[name] for name in _PAYMENTS if name in links), None)
    if payment_id is None:
        return None
    facts = _facts(event.type, event.object, order_id, payment_id)
    if facts is None:
        return None
    own = {"money_key": order_id or payment_id, **{name: links.get(name) for name in FOLLOW}}
    return event_of_report(event, clean_links(own), facts)


def _facts(event_type: str, obj: object, order_id: str | None, payment_id: str) -> AnyFacts | None:
    if isinstance(obj, stripe.Session):
        # Subscriptions are counted by their invoices. A session in setup mode moves no money.
        if obj.mode != "payment" or obj.currency is None:
            return None
        return SessionFacts.taken_from(
            obj,
            order_id=order_id,
            payment_id=payment_id,
            session_id=obj.id,
            amount=obj.amount_total or 0,
        )
    if isinstance(obj, stripe.PaymentIntent):
        return PaymentFacts(order_id, payment_id, obj.amount_received, obj.currency)
    if isinstance(obj, stripe.Charge) and FACTS_OF[event_type] is ChargeFacts:
        return ChargeFacts.taken_from(obj, order_id=order_id, payment_id=payment_id, charge_id=obj.id)
    if isinstance(obj, stripe.Charge):
        # With a payment intent, both report the same payment.
        if not obj.captured:
            return None
        return PaymentFacts(order_id, payment_id, obj.amount_captured, obj.currency)
    if isinstance(obj, stripe.Refund):
        return RefundFacts.taken_from(obj, order_id=order_id, payment_id=payment_id, refund_id=obj.id)
    if isinstance(obj, stripe.Dispute):
        return DisputeFacts.taken_from(obj, order_id=order_id, payment_id=payment_id, dispute_id=obj.id)
    return None


event_of = by_type({**dict.fromkeys(FACTS_OF, _stripe), ORDER_PLACED: _order, PAYMENT_ACCEPTED: _accepted})
"""Returns the event for a message, or None if no report needs it.

Raises Poison if the message breaks its contract.
"""
