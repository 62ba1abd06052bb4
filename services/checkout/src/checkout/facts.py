"""Turns a message into an event for checkout: one of Stripe's or an order placed here, which are stored, or
an announcement of enrollment, which is applied at once.

No personal data is stored: no rule needs it.
"""

from typing import Any

from checkout.domain.facts import ChargeFacts, DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from messaging.eventset.contract import by_contract
from messaging.eventset.event import Event, event_of_report
from messaging.eventset.event_set import clean_links
from messaging.eventset.facts import Facts, FactsOf
from messaging.message import Message
from schemas import stripe
from schemas.events import (
    DuplicateDetected,
    DuplicateWithdrawn,
    EnrollmentChanged,
    OrderPlaced,
    OrderRevoked,
    PaymentAccepted,
)
from schemas.stripe.parse import kind_of

LINKS = ("order_id", "session_id", "payment_intent_id", "charge_id")
"""The ids that connect events."""

Announcement = EnrollmentChanged | DuplicateDetected | DuplicateWithdrawn

_ANNOUNCEMENTS: dict[str, type[EnrollmentChanged] | type[DuplicateDetected] | type[DuplicateWithdrawn]] = {
    EnrollmentChanged.TYPE: EnrollmentChanged,
    DuplicateDetected.TYPE: DuplicateDetected,
    DuplicateWithdrawn.TYPE: DuplicateWithdrawn,
}
_STRUCTS: dict[str | None, type[Facts]] = {
    "checkout.session": SessionFacts,
    "payment_intent": IntentFacts,
    "charge": ChargeFacts,
    "refund": RefundFacts,
    "dispute": DisputeFacts,
}
STORED = FactsOf(lambda event_type: _STRUCTS.get(kind_of(event_type), Facts))
"""The codec of the stored facts."""

_OfOrder = OrderPlaced | PaymentAccepted | OrderRevoked
_ORDERS: dict[str, type[_OfOrder]] = {
    OrderPlaced.TYPE: OrderPlaced,
    PaymentAccepted.TYPE: PaymentAccepted,
    OrderRevoked.TYPE: OrderRevoked,
}
_LONGEST_URL = 1000
_NOT_NEEDED = "payment_intent.created"
"""It reports no attempt to pay, and has no charge yet."""


@by_contract
def event_of(message: Message) -> Event[Facts] | Event[Announcement] | None:
    """Return the event, or None if checkout does not need it.

    Raises Poison if the message violates its contract.
    """
    if message.topic.startswith("stripe."):
        return _stripe_event(message)
    if message.type in _ORDERS:
        return _order(message, _ORDERS[message.type])
    contract = _ANNOUNCEMENTS.get(message.type)
    if contract is None:
        return None
    body: Announcement = contract.model_validate_json(message.value)
    return Event(message.id, message.type, message.created, facts=body)


def is_stored(event: Event[Any]) -> bool:
    """Whether the event becomes part of the event set: announcements of enrollment do not."""
    return isinstance(event.facts, Facts)


def _order(message: Message, contract: type[_OfOrder]) -> Event[Facts]:
    """The order and its session, or one that staff accepted: its own events may not name the order."""
    order = contract.model_validate_json(message.value)
    session_id = None if isinstance(order, OrderRevoked) else order.session_id
    links = clean_links({"order_id": order.order_id, "session_id": session_id})
    return Event(message.id, message.type, message.created, links=links, facts=Facts())


def _stripe_event(message: Message) -> Event[Facts] | None:
    event = stripe.parse(message.value)
    if event.type == _NOT_NEEDED:
        return None
    facts = _facts(event.object)
    links = clean_links({name: event.links.get(name) for name in LINKS})
    if facts is None or not links:
        return None
    return event_of_report(event, links, facts)


def _facts(obj: stripe.StripeObject) -> Facts | None:
    """What the rules need of the object; None if it does not concern an order."""
    match obj:
        case stripe.Session(mode="payment"):
            return SessionFacts.taken_from(obj)
        case stripe.PaymentIntent():
            return IntentFacts()
        # A declined attempt decides nothing: in Checkout the buyer tries again with another charge.
        case stripe.Charge(status="succeeded"):
            return ChargeFacts.taken_from(obj, receipt_url=_linkable(obj.receipt_url))
        case stripe.Refund():
            return RefundFacts.of(obj)
        case stripe.Dispute():
            return DisputeFacts.taken_from(obj)
    return None


def _linkable(url: str | None) -> str | None:
    """The address, if pages may link to it."""
    if url is None or len(url) > _LONGEST_URL or not url.startswith(("https://", "http://")):
        return None
    return url
