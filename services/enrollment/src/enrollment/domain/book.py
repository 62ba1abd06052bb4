"""Groups the events of one user by the object that they are about."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from enrollment.domain.kinds import Kind, kind_of
from enrollment.domain.types import Cause
from messaging.eventset.event import Event

Ids = dict[str, str]
Events = dict[str, list[Event]]


def _lists() -> Events:
    return defaultdict(list)


@dataclass(slots=True)
class Book:
    """The events of each object by its id, in chronological order.

    Objects of other users may be among them. The rules start from the user's own orders, so an object that
    belongs to none of them grants nothing.
    """

    orders: Events = field(default_factory=_lists)
    orders_of_others: set[str] = field(default_factory=set)
    sessions: Events = field(default_factory=_lists)
    intents: Events = field(default_factory=_lists)
    refunds: Events = field(default_factory=_lists)
    disputes: Events = field(default_factory=_lists)
    warnings: Events = field(default_factory=_lists)
    subscriptions: Events = field(default_factory=_lists)
    """With the events of their invoices."""
    decisions: list[Event] = field(default_factory=list)
    deleted_customers: dict[str, Event] = field(default_factory=dict)
    intent_of_charge: Ids = field(default_factory=dict)
    invoice_of_intent: Ids = field(default_factory=dict)
    order_of_subscription: Ids = field(default_factory=dict)

    def intent_of(self, event: Event) -> str | None:
        """Return the payment intent that a refund, dispute or warning is about."""
        found = event.links.get("payment_intent_id")
        return found or self.intent_of_charge.get(event.links.get("charge_id", ""))


def cause_of(events: Iterable[Event]) -> Cause | None:
    """Return the newest of the events as a cause."""
    newest = max(events, key=lambda event: (event.created, event.rank, event.id), default=None)
    if newest is None:
        return None
    return Cause(newest.id, newest.type, (newest.created, newest.rank, newest.id))


def read(owner: str, events: Iterable[Event]) -> Book:
    """Group the events of `owner`, which come in chronological order."""
    book = Book()
    for event in events:
        links, kind = event.links, kind_of(event.type)
        object_id = event.object_id or event.id
        intent, order = links.get("payment_intent_id"), links.get("order_id")
        if kind is Kind.SESSION and event.facts.get("mode") == "setup":
            pass  # it saves a payment method; no money is due
        elif kind is Kind.SESSION:
            book.sessions[object_id].append(event)
        elif kind is Kind.INTENT:
            book.intents[object_id].append(event)
        elif kind is Kind.ORDER:
            if order and links.get("user_id") == owner:
                book.orders[order].append(event)
            elif order:
                book.orders_of_others.add(order)
        elif kind is Kind.REFUND:
            book.refunds[object_id].append(event)
        elif kind is Kind.DISPUTE:
            book.disputes[object_id].append(event)
        elif kind is Kind.WARNING:
            book.warnings[object_id].append(event)
        elif kind is Kind.SUBSCRIPTION:
            book.subscriptions[object_id].append(event)
        elif kind is Kind.INVOICE:
            if "subscription_id" in links:
                book.subscriptions[links["subscription_id"]].append(event)
        elif kind is Kind.DECISION:
            if links.get("user_id") == owner:
                book.decisions.append(event)
        elif kind is Kind.CUSTOMER_DELETED and "customer_id" in links:
            book.deleted_customers.setdefault(links["customer_id"], event)
        if intent:
            if "charge_id" in links:
                book.intent_of_charge.setdefault(links["charge_id"], intent)
            if "invoice_id" in links:
                book.invoice_of_intent.setdefault(intent, links["invoice_id"])
        if order and "subscription_id" in links:
            book.order_of_subscription.setdefault(links["subscription_id"], order)
    return book
