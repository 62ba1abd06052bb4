"""Handles messages: Stripe's events change orders; enrollment announces access and duplicate purchases."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter

from checkout.domain import OrderEvents, group_events
from checkout.store import duplicates, enrollments, order_states
from checkout.store.event_set import EVENTS, FOLLOW, OWNER
from messaging.errors import Poison
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from messaging.eventset.event_set import clean_links
from messaging.message import Message
from processkit.postgres.database import Session
from processkit.tracing import new_traceparent
from schemas import events as contracts
from schemas import stripe
from schemas.topics import consumed_by

GROUP = "checkout"
TOPICS = consumed_by(GROUP)

_ANNOUNCEMENTS: dict[str, type[contracts.Event]] = {
    contract.TYPE: contract for contract in (contracts.EnrollmentChanged, contracts.DuplicateDetected)
}
UNKNOWN_DUPLICATES = Counter(
    "checkout_duplicates_unknown_total", "Announced duplicates of orders that checkout does not have"
)

log = structlog.stdlib.get_logger(__name__)

_SESSION = (
    "mode",
    "status",
    "payment_status",
    "amount_total",
    "amount_tax",
    "before_tax",
    "currency",
    "payment_intent",
    "customer",
)
_MONEY = ("amount", "currency", "status")


class _Receipt(msgspec.Struct):
    receipt_url: str | None = None


class _Data(msgspec.Struct):
    object: _Receipt


class _ChargeEvent(msgspec.Struct):
    data: _Data


_CHARGE = msgspec.json.Decoder(_ChargeEvent)


class CheckoutHandler:
    """Implements messaging's Handler. `clock` dates what is written; it decides nothing about events."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.derivation = derivation(clock)
        self._clock = clock

    def decode(self, message: Message) -> Event | None:
        """The event for checkout, or None. Raises Poison for what breaks its contract."""
        try:
            if message.topic.startswith("stripe."):
                return _stripe_event(message)
            if message.type in _ANNOUNCEMENTS:
                return _announcement(message)
        except ValueError as error:
            raise Poison("contract", str(error)) from None
        return None

    def record(self, tx: Session, events: Sequence[Event]) -> None:
        """Keep Stripe's events; apply announcements to the projection, and plan refunds of duplicates."""
        self.derivation.record(tx, _stripes(events))
        enrollments.apply(
            tx,
            [
                contracts.EnrollmentChanged.model_validate(event.facts)
                for event in events
                if event.type == contracts.EnrollmentChanged.TYPE
            ],
        )
        unknown = duplicates.note(
            tx,
            [
                contracts.DuplicateDetected.model_validate(event.facts)
                for event in events
                if event.type == contracts.DuplicateDetected.TYPE
            ],
            self._clock(),
        )
        for order_id in unknown:
            UNKNOWN_DUPLICATES.inc()
            log.error("a duplicate of an order that checkout does not have", order_id=order_id)

    def derive(self, tx: Session, events: Sequence[Event]) -> None:
        """Derive the orders that Stripe's events name from the event set."""
        self.derivation.derive(tx, _stripes(events))

    def derive_failed(self, tx: Session, events: Sequence[Event], error: BaseException) -> None:
        """Mark these orders for a later try."""
        self.derivation.derive_failed(tx, _stripes(events), error)


def derivation(clock: Callable[[], datetime]) -> Derivation[OrderEvents]:
    """The derivation of orders, for the consumer and the clock worker."""
    return Derivation(
        EVENTS,
        owner=OWNER,
        follow=FOLLOW,
        compute=lambda _order_id, events, _now: Derived(group_events(events)),
        write=order_states.writer(new_traceparent),
        clock=clock,
    )


def _stripes(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.type not in _ANNOUNCEMENTS]


def _announcement(message: Message) -> Event:
    body = _ANNOUNCEMENTS[message.type].model_validate_json(message.value)
    return Event(message.id, message.type, message.created, facts=body.model_dump(mode="json"))


def _stripe_event(message: Message) -> Event | None:
    event = stripe.parse(message.value)
    facts = _facts(event, message.value)
    links = clean_links({name: event.links.get(name) for name in EVENTS.links})
    if facts is None or not links:
        return None
    return Event(
        event.id,
        event.type,
        event.created_us,
        event.rank,
        links,
        facts,
        event.object_id,
        event.status,
        event.previous_status,
    )


def _facts(event: stripe.StripeEvent, value: bytes) -> dict[str, Any] | None:
    """What the rules need, without personal data; None for events that do not concern an order."""
    view = event.object
    facts: dict[str, Any]
    match view:
        case stripe.SessionView():
            if view.mode != "payment":
                return None
            facts = {name: getattr(view, name) for name in _SESSION}
        case stripe.ChargeView():
            # A declined attempt decides nothing: in Checkout the buyer tries again with another charge.
            if view.status != "succeeded":
                return None
            facts = {"receipt_url": _receipt_url(value)}
        case stripe.RefundView():
            facts = {name: getattr(view, name) for name in (*_MONEY, "created")}
            if view.line_ids:
                facts["line_ids"] = list(view.line_ids)
        case stripe.DisputeView():
            facts = {name: getattr(view, name) for name in _MONEY}
        case _:
            return None
    return {"object": view.KIND, **{name: fact for name, fact in facts.items() if fact is not None}}


def _receipt_url(value: bytes) -> str | None:
    """Stripe's page with the receipt, which the shared views leave out: no other service may link to it."""
    try:
        url = _CHARGE.decode(value).data.object.receipt_url
    except msgspec.DecodeError:
        return None
    fits = (
        url is not None and len(url) <= 1000 and url.startswith(("https://", "http://")) and "\x00" not in url
    )
    return url if fits else None
