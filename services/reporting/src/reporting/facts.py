"""Converts a message to the event that reporting stores: links, and the facts that the rules read.

Names, addresses and e-mail addresses are not stored, as no report needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.errors import Poison
from messaging.eventset.event import Event
from messaging.message import Message
from reporting.domain.payments import PAYMENT_EVENTS, SESSION_EVENTS
from reporting.domain.refunds import REFUND_EVENTS
from reporting.domain.sales import ORDER_PLACED
from schemas import stripe
from schemas.events import OrderPlaced
from schemas.stripe import ChargeView, PaymentIntentView, RefundView, SessionView

STRIPE_EVENTS = SESSION_EVENTS | PAYMENT_EVENTS | REFUND_EVENTS

_ORDER = ("order_id", "user_id", "country", "currency", "amount_total")
_LINE = (
    "line_id",
    "course_id",
    "bundle_id",
    "plan_id",
    "category",
    "title",
    "list_amount",
    "discount_amount",
)


def event_of(message: Message) -> Event | None:
    """Return the event, or None if no report needs it. Raises Poison if the message breaks its contract."""
    try:
        if message.type == ORDER_PLACED:
            return _order(message)
        return _stripe(message) if message.type in STRIPE_EVENTS else None
    except ValueError as error:
        raise Poison("contract", f"{message.type} {message.id}: {error}") from error


def _order(message: Message) -> Event:
    order = OrderPlaced.model_validate_json(message.value)
    return Event(
        id=message.id,
        type=message.type,
        created=message.created,
        links={"money_key": order.order_id},
        facts={
            **{name: getattr(order, name) for name in _ORDER},
            "lines": [{name: getattr(line, name) for name in _LINE} for line in order.lines],
        },
    )


def _stripe(message: Message) -> Event | None:
    event = stripe.parse(message.value)
    links = event.links
    order_id, payment_intent_id = links.get("order_id"), links.get("payment_intent_id")
    payment_id = payment_intent_id or links.get("charge_id") or links.get("session_id")
    facts = _facts(event.object)
    if facts is None or payment_id is None:
        return None
    return Event(
        id=event.id,
        type=event.type,
        created=event.created_us,
        rank=event.rank,
        links={"money_key": order_id or payment_id}
        | ({"payment_intent_id": payment_intent_id} if payment_intent_id else {}),
        facts={"order_id": order_id, "payment_id": payment_id, **facts},
        object_id=event.object_id,
        status=event.status,
        previous_status=event.previous_status,
    )


def _facts(view: object) -> Mapping[str, Any] | None:
    if isinstance(view, SessionView):
        # Subscriptions are counted by their invoices. A session in setup mode moves no money.
        if view.mode != "payment" or view.currency is None:
            return None
        return {
            "session_id": view.id,
            "amount": view.amount_total or 0,
            "before_tax": view.before_tax,
            "currency": view.currency,
            "payment_status": view.payment_status,
        }
    if isinstance(view, PaymentIntentView):
        return {"amount": view.amount_received, "currency": view.currency}
    if isinstance(view, ChargeView):
        # The payment intent reports the same payment as its charge.
        if view.payment_intent is not None or not view.captured:
            return None
        return {"amount": view.amount_captured, "currency": view.currency}
    if isinstance(view, RefundView):
        return {
            "refund_id": view.id,
            "amount": view.amount,
            "currency": view.currency,
            "status": view.status,
            "created": view.created,
            "lines": list(view.line_ids),
        }
    return None
