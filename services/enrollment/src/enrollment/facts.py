"""Turns a message into the event that enrollment stores: its links, and the facts that the rules read.

No name, address or e-mail address is stored, since no rule needs them.
"""

from __future__ import annotations

from enrollment.domain.facts import (
    FACTS_OF,
    LINKS,
    ChargeFacts,
    DecisionFacts,
    DisputeFacts,
    IntentFacts,
    InvoiceFacts,
    LineFacts,
    NoFacts,
    OrderExpiredFacts,
    OrderFacts,
    RefundFacts,
    SessionFacts,
    SubscriptionFacts,
    WarningFacts,
)
from enrollment.domain.kinds import Kind, kind_of
from messaging.eventset.contract import by_contract
from messaging.eventset.event import Event, event_of_report
from messaging.eventset.event_set import clean_links
from messaging.eventset.facts import Facts
from messaging.message import Message
from schemas import stripe
from schemas.events import (
    AccessGranted,
    AccessRevoked,
    CourseChanged,
    OrderExpired,
    OrderPlaced,
    OrderRevoked,
    PaymentAccepted,
    parse_event,
)
from schemas.times import microseconds

_LINKS = frozenset(LINKS)
_OURS = frozenset({Kind.ORDER, Kind.ORDER_EXPIRED, Kind.ORDER_REVOKED, Kind.PAYMENT_ACCEPTED, Kind.DECISION})
_OF_CUSTOMERS = frozenset({Kind.SUBSCRIPTION, Kind.CUSTOMER_DELETED})


@by_contract
def event_of(message: Message) -> Event[Facts] | Event[CourseChanged] | None:
    """Return the event, or None if no rule reads it. Raises Poison if the message violates its contract.

    A change of the catalog is no part of the event set: it is applied at once.
    """
    if message.type == CourseChanged.TYPE:
        body = CourseChanged.model_validate_json(message.value)
        return Event(message.id, message.type, message.created, facts=body)
    kind = kind_of(message.type)
    if kind is Kind.OTHER:
        return None
    return _ours(message) if kind in _OURS else _stripe(message, kind)


def _ours(message: Message) -> Event[Facts]:
    body = parse_event(message.type, message.value)
    created, object_id = message.created, None
    facts: Facts = NoFacts()
    links: dict[str, str | None] = {}
    if isinstance(body, OrderPlaced):
        object_id = body.order_id
        links = {"user_id": body.user_id, "order_id": body.order_id, "session_id": body.session_id}
        facts = OrderFacts(
            currency=body.currency,
            amount=body.amount_total,
            session_id=body.session_id,
            lines=tuple(
                LineFacts.taken_from(line, amount=line.list_amount - line.discount_amount)
                for line in body.lines
            ),
        )
    elif isinstance(body, OrderExpired):
        object_id = body.order_id
        links = {"user_id": body.user_id, "order_id": body.order_id, "session_id": body.session_id}
        facts = OrderExpiredFacts(body.reason)
    elif isinstance(body, OrderRevoked):
        object_id = body.order_id
        links = {"user_id": body.user_id, "order_id": body.order_id}
    elif isinstance(body, PaymentAccepted):
        object_id = body.order_id
        links = {"user_id": body.user_id, "order_id": body.order_id, "session_id": body.session_id}
    elif isinstance(body, AccessGranted | AccessRevoked):
        object_id = body.decision_id
        created = microseconds(body.decided_at)
        links = {"user_id": body.user_id}
        until = body.until if isinstance(body, AccessGranted) else None
        facts = DecisionFacts(
            course_id=body.course_id,
            by=body.decided_by,
            why=body.reason,
            until=None if until is None else microseconds(until),
        )
    return Event(
        id=message.id,
        type=message.type,
        created=created,
        links=clean_links(links),
        facts=facts,
        object_id=object_id,
    )


def _stripe(message: Message, kind: Kind) -> Event[Facts] | None:
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
    return event_of_report(event, links, _facts(event.object, kind))


def _facts(obj: stripe.StripeObject, kind: Kind) -> Facts:
    match obj:
        case stripe.Session():
            return SessionFacts.taken_from(obj, amount=obj.amount_total)
        case stripe.PaymentIntent():
            return IntentFacts.of(obj)
        case stripe.Charge():
            return ChargeFacts.taken_from(obj)
        case stripe.Refund():
            return RefundFacts.of(obj)
        case stripe.Dispute():
            return DisputeFacts.taken_from(obj)
        case stripe.EarlyFraudWarning():
            return WarningFacts.of(obj)
        case stripe.Subscription():
            return SubscriptionFacts.taken_from(
                obj, period_start=obj.current_period_start, period_end=obj.current_period_end
            )
        case stripe.Invoice():
            return InvoiceFacts.taken_from(
                obj, reason=obj.billing_reason, amount=max(obj.amount_paid, 0), drawn_up=obj.period_end
            )
        case _:
            # The object is of an unknown kind, or no rule reads more of it than its links and status.
            return FACTS_OF[kind]()
