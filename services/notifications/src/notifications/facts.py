"""From a message to the event that notifications remembers.

Personal data: the buyer's address and locale are kept with the order, since a mail may be owed long after it;
nothing else that identifies a person is. Sessions and payments that name no order of ours are not kept at
all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.errors import Poison
from messaging.eventset.event import Event
from messaging.eventset.event_set import clean_links
from messaging.message import Message
from notifications.domain.mails import ORDER_PLACED, REFUND_EVENTS, SESSION_EVENTS
from schemas import stripe
from schemas.events import OrderPlaced
from schemas.stripe import RefundView, SessionView

DUPLICATE = "duplicate"
"""The reason of a refund for what was bought twice: checkout's word and Stripe's."""

_ORDER = ("order_id", "user_id", "email", "locale", "currency", "amount_total")
_LINE = ("line_id", "kind", "course_id", "title", "list_amount", "discount_amount", "access_days")


def event_of(message: Message) -> Event | None:
    """The event, or None if no mail depends on it. Raises Poison if the message breaks its contract."""
    try:
        if message.type == ORDER_PLACED:
            return _order(message)
        if message.type in SESSION_EVENTS or message.type in REFUND_EVENTS:
            return _stripe(message)
    except ValueError as error:
        raise Poison("contract", f"{message.type} {message.id}: {error}") from error
    return None


def _order(message: Message) -> Event:
    order = OrderPlaced.model_validate_json(message.value)
    return Event(
        id=message.id,
        type=message.type,
        created=message.created,
        links={"order_id": order.order_id},
        facts={
            **{name: getattr(order, name) for name in _ORDER},
            "lines": [{name: getattr(line, name) for name in _LINE} for line in order.lines],
        },
    )


def _stripe(message: Message) -> Event | None:
    event = stripe.parse(message.value)
    order_id, payment_intent_id = event.links.get("order_id"), event.links.get("payment_intent_id")
    facts = _facts(event.object)
    if facts is None or (isinstance(event.object, SessionView) and order_id is None):
        return None
    return Event(
        id=event.id,
        type=event.type,
        created=event.created_us,
        rank=event.rank,
        links=clean_links({"order_id": order_id, "payment_intent_id": payment_intent_id}),
        facts={"order_id": order_id, **facts},
        object_id=event.object_id,
        status=event.status,
        previous_status=event.previous_status,
    )


def _facts(view: object) -> Mapping[str, Any] | None:
    if isinstance(view, SessionView):
        if view.mode != "payment":
            return None  # a subscription's receipt follows its invoices
        return {
            "amount": view.amount_total or 0,
            "currency": view.currency,
            "payment_status": view.payment_status,
        }
    if isinstance(view, RefundView):
        return {
            "refund_id": view.id,
            "amount": view.amount,
            "currency": view.currency,
            "status": view.status,
            # By our own metadata, or by whoever gave it back in Stripe's dashboard.
            "duplicate": DUPLICATE in (view.metadata.get("reason"), view.reason),
        }
    return None
