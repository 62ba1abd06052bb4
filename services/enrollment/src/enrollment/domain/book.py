"""Groups the events of one user by the object that they are about."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from enrollment.domain.facts import (
    ChargeFacts,
    DecisionFacts,
    DisputeFacts,
    IntentFacts,
    InvoiceFacts,
    NoFacts,
    OrderExpiredFacts,
    OrderFacts,
    RefundFacts,
    SessionFacts,
    SubscriptionFacts,
    WarningFacts,
)
from enrollment.domain.kinds import Kind, kind_of
from enrollment.domain.types import Cause
from messaging.eventset.event import Event, has_facts
from messaging.eventset.facts import Facts
from schemas.rules import intent_of, intents_of_charges

Ids = dict[str, str]
SubscriptionEvent = Event[SubscriptionFacts] | Event[InvoiceFacts]


@dataclass(slots=True)
class Book:
    """The events of each object by its id, in chronological order.

    Objects of other users may be among them. The rules start from the user's own orders, so an object that
    belongs to none of them grants nothing.
    """

    orders: dict[str, list[Event[OrderFacts]]] = field(default_factory=lambda: defaultdict(list))
    closings: dict[str, Event[OrderExpiredFacts]] = field(default_factory=dict)
    """The last event by which checkout closed each order without a payment."""
    revocations: dict[str, Event[NoFacts]] = field(default_factory=dict)
    """The event by which staff ended each order for which nothing was paid."""
    orders_of_others: set[str] = field(default_factory=set)
    accepted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The sessions that staff accepted as payments of each order."""
    sessions: dict[str, list[Event[SessionFacts]]] = field(default_factory=lambda: defaultdict(list))
    intents: dict[str, list[Event[IntentFacts]]] = field(default_factory=lambda: defaultdict(list))
    charges: dict[str, list[Event[ChargeFacts]]] = field(default_factory=lambda: defaultdict(list))
    refunds: dict[str, list[Event[RefundFacts]]] = field(default_factory=lambda: defaultdict(list))
    disputes: dict[str, list[Event[DisputeFacts]]] = field(default_factory=lambda: defaultdict(list))
    warnings: dict[str, list[Event[WarningFacts]]] = field(default_factory=lambda: defaultdict(list))
    subscriptions: dict[str, list[SubscriptionEvent]] = field(default_factory=lambda: defaultdict(list))
    """With the events of their invoices."""
    decisions: list[Event[DecisionFacts]] = field(default_factory=list)
    deleted_customers: dict[str, Event[NoFacts]] = field(default_factory=dict)
    intent_of_charge: Ids = field(default_factory=dict)
    invoice_of_intent: Ids = field(default_factory=dict)
    order_of_subscription: Ids = field(default_factory=dict)

    def intent_of(self, event: Event[Facts]) -> str | None:
        """Return the payment intent that a refund, dispute or warning is about."""
        return intent_of(event.links, self.intent_of_charge)


def cause_of(events: Iterable[Event[Facts]]) -> Cause | None:
    """Return the newest of the events as a cause."""
    newest = max(events, key=lambda event: (event.created, event.rank, event.id), default=None)
    if newest is None:
        return None
    return Cause(newest.id, newest.type, (newest.created, newest.rank, newest.id))


def read(owner: str, events: Iterable[Event[Facts]]) -> Book:
    """Group the events of `owner`, which come in chronological order."""
    found = list(events)
    book = Book(intent_of_charge=intents_of_charges(event.links for event in found))
    for event in found:
        links = event.links
        _enter(book, owner, event)
        intent, order = links.get("payment_intent_id"), links.get("order_id")
        if intent and "invoice_id" in links:
            book.invoice_of_intent.setdefault(intent, links["invoice_id"])
        if order and "subscription_id" in links:
            book.order_of_subscription.setdefault(links["subscription_id"], order)
    return book


def _enter(book: Book, owner: str, event: Event[Facts]) -> None:
    """Add the event to those of its object."""
    links, object_id = event.links, event.object_id or event.id
    if has_facts(event, SessionFacts):
        if event.facts.mode != "setup":  # which saves a payment method; no money is due
            book.sessions[object_id].append(event)
    elif has_facts(event, IntentFacts):
        book.intents[object_id].append(event)
    elif has_facts(event, OrderFacts):
        order = links.get("order_id")
        if order and links.get("user_id") == owner:
            book.orders[order].append(event)
        elif order:
            book.orders_of_others.add(order)
    elif has_facts(event, OrderExpiredFacts):
        if "order_id" in links:
            book.closings[links["order_id"]] = event
    elif has_facts(event, NoFacts):
        kind = kind_of(event.type)
        if kind is Kind.PAYMENT_ACCEPTED and {"order_id", "session_id"} <= links.keys():
            book.accepted[links["order_id"]].add(links["session_id"])
        elif kind is Kind.ORDER_REVOKED and "order_id" in links:
            book.revocations[links["order_id"]] = event
        elif kind is Kind.CUSTOMER_DELETED and "customer_id" in links:
            book.deleted_customers.setdefault(links["customer_id"], event)
    elif has_facts(event, ChargeFacts):
        book.charges[object_id].append(event)
    elif has_facts(event, RefundFacts):
        book.refunds[object_id].append(event)
    elif has_facts(event, DisputeFacts):
        book.disputes[object_id].append(event)
    elif has_facts(event, WarningFacts):
        book.warnings[object_id].append(event)
    elif has_facts(event, SubscriptionFacts):
        book.subscriptions[object_id].append(event)
    elif has_facts(event, InvoiceFacts):
        if "subscription_id" in links:
            book.subscriptions[links["subscription_id"]].append(event)
    elif has_facts(event, DecisionFacts) and links.get("user_id") == owner:
        book.decisions.append(event)
