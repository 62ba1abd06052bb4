"""Turns a message into the event that enrollment stores: its links, and the facts that the rules read.

No name, address or e-mail address is stored, since no rule needs them.
"""

from __future__ import annotations

from typing import Any

from enrollment.domain.kinds import Kind, kind_of
from messaging.errors import Poison
from messaging.eventset.event import Event
from messaging.eventset.event_set import clean_links
from messaging.message import Message
from schemas import stripe
from schemas.events import AccessGranted, AccessRevoked, OrderExpired, OrderPlaced, parse_event
from schemas.times import microseconds

LINKS = (
    "user_id",
    "order_id",
    "session_id",
    "payment_intent_id",
    "charge_id",
    "invoice_id",
    "subscription_id",
    "customer_id",
)
"""The ids that connect events. Only subscriptions and deleted customers have `customer_id`: nothing else
needs it, and a customer of another application on the same account may have any number of payments."""

_LINKS = frozenset(LINKS)
_OURS = frozenset({Kind.ORDER, Kind.ORDER_EXPIRED, Kind.DECISION})
_OF_CUSTOMERS = frozenset({Kind.SUBSCRIPTION, Kind.CUSTOMER_DELETED})


def event_of(message: Message) -> Event | None:
    """Return the event, or None if no rule reads it. Raises Poison if the message violates its contract."""
    kind = kind_of(message.type)
    if kind is Kind.OTHER:
        return None
    try:
        return _ours(message) if kind in _OURS else _stripe(message, kind)
    except ValueError as error:
        raise Poison("contract", f"{message.type} {message.id}: {error}"[:1000]) from error


def _ours(message: Message) -> Event:
    body = parse_event(message.type, message.value)
    created, object_id = message.created, None
    facts: dict[str, Any] = {}
    links: dict[str, str | None] = {}
    if isinstance(body, OrderPlaced):
        object_id = body.order_id
        links = {"user_id": body.user_id, "order_id": body.order_id, "session_id": body.session_id}
        facts = {
            "currency": body.currency,
            "amount": body.amount_total,
            "lines": [
                {
                    "line_id": line.line_id,
                    "kind": line.kind,
                    "course_id": line.course_id,
                    "bundle_id": line.bundle_id,
                    "amount": line.list_amount - line.discount_amount,
                    "access_days": line.access_days,
                }
                for line in body.lines
            ],
        }
    elif isinstance(body, OrderExpired):
        object_id = body.order_id
        links = {"user_id": body.user_id, "order_id": body.order_id, "session_id": body.session_id}
        facts = {"reason": body.reason}
    elif isinstance(body, AccessGranted | AccessRevoked):
        object_id = body.decision_id
        created = microseconds(body.decided_at)
        links = {"user_id": body.user_id}
        facts = {"course_id": body.course_id, "by": body.decided_by, "why": body.reason}
        if isinstance(body, AccessGranted) and body.until is not None:
            facts["until"] = microseconds(body.until)
    return Event(
        id=message.id,
        type=message.type,
        created=created,
        links=clean_links(links),
        facts=facts,
        object_id=object_id,
    )


def _stripe(message: Message, kind: Kind) -> Event | None:
    event = stripe.parse(message.value)
    links = clean_links(
        {
            name: value
            for name, value in event.links.items()
            if name in _LINKS and (name != "customer_id" or kind in _OF_CUSTOMERS)
        }
    )
    if not links:
        return None
    return Event(
        id=event.id,
        type=event.type,
        created=event.created_us,
        rank=event.rank,
        links=links,
        facts=_facts(event.object),
        object_id=event.object_id,
        status=event.status,
        previous_status=event.previous_status,
    )


def _facts(view: stripe.StripeObject) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    match view:
        case stripe.SessionView():
            facts = {
                "mode": view.mode,
                "payment_status": view.payment_status,
                "currency": view.currency,
                "amount": view.amount_total,
                "before_tax": view.before_tax,
            }
        case stripe.PaymentIntentView():
            facts = {"currency": view.currency, "amount": view.amount}
        case stripe.RefundView():
            facts = {
                "currency": view.currency,
                "amount": view.amount,
                "lines": list(view.line_ids) or None,
                "created": view.created,
            }
        case stripe.DisputeView():
            facts = {"currency": view.currency, "amount": view.amount}
        case stripe.EarlyFraudWarningView():
            facts = {"actionable": view.actionable}
        case stripe.SubscriptionView():
            facts = {
                "currency": view.currency,
                "period_end": view.current_period_end,
                "trial_end": view.trial_end,
                "ends_at": view.ends_at,
                "ended_at": view.ended_at,
            }
        case stripe.InvoiceView():
            facts = {
                "reason": view.billing_reason,
                "amount": max(view.amount_paid, 0),
                "paid_until": view.paid_until,
            }
        case _:
            pass
    return {name: value for name, value in facts.items() if value is not None}
