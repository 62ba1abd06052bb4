"""Turns messages into the events that notifications stores.

Personal data: the buyer's email address and locale are stored with the order, because a refund may happen
long after it. Nothing else that identifies a person is stored. Sessions that name none of our orders are
dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.errors import Poison
from messaging.eventset.event import Event
from messaging.eventset.event_set import clean_links
from messaging.message import Message
from notifications.domain.mails import ORDER_PLACED
from notifications.domain.payments import REFUND_EVENTS, SESSION_EVENTS
from schemas import stripe
from schemas.events import OrderPlaced
from schemas.stripe import RefundView, SessionView

DUPLICATE = "duplicate"
"""The reason of a refund for a duplicate purchase, in checkout's metadata and in Stripe's own field."""

_ORDER = ("order_id", "user_id", "email", "locale", "currency", "amount_total")
_LINE = (
    "line_id",
    "kind",
    "course_id",
    "bundle_id",
    "title",
    "list_amount",
    "discount_amount",
    "access_days",
)


def event_of(message: Message) -> Event | None:
    """Return the event, or None if no mail depends on it.

    Raises Poison if the message breaks its contract.
    """
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
            return None  # the receipts of a subscription belong to its invoices
        return {
            "amount": view.amount_total or 0,
            "before_tax": view.before_tax,
            "currency": view.currency,
            "payment_status": view.payment_status,
        }
    if isinstance(view, RefundView):
        return {
            "refund_id": view.id,
            "amount": view.amount,
            "currency": view.currency,
            "status": view.status,
            "created": view.created,
            "line_ids": list(view.line_ids),
            # Checkout writes the metadata. An operator chooses the reason in Stripe's dashboard.
            "duplicate": DUPLICATE in (view.metadata.get("reason"), view.reason),
        }
    return None
