"""Handles messages: Stripe's events change orders; enrollment announces access and duplicate purchases."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter

from checkout import announcements
from checkout.domain import OrderEvents, group_events
from checkout.facts import event_of, is_stored
from checkout.store import duplicates, enrollments, order_states
from checkout.store.event_set import EVENTS, FOLLOW, OWNER
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event, has_facts
from messaging.message import Message, OutgoingMessage
from messaging.outbox import rows as outbox
from processkit.postgres.database import Session
from processkit.tracing import new_traceparent
from schemas.events import DuplicateDetected, DuplicateWithdrawn, EnrollmentChanged
from schemas.topics import consumed_by

GROUP = "checkout"
TOPICS = consumed_by(GROUP)

UNKNOWN_DUPLICATES = Counter(
    "checkout_duplicates_unknown_total", "Announced duplicates of orders that checkout does not have"
)

MISMATCHES = Counter("checkout_order_mismatches_total", "Payments that do not match their order; see the log")
TRANSITIONS = Counter("checkout_order_transitions_total", "Orders that changed their state", ["to"])
UNKNOWN = Counter(
    "checkout_foreign_orders_total", "Payments and refunds of orders that checkout does not have"
)

log = structlog.stdlib.get_logger(__name__)


class CheckoutHandler:
    """Implements messaging's Handler. `clock` only dates what is written: no state depends on it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.derivation = derivation(clock)
        self._clock = clock

    def decode(self, message: Message) -> Event[Any] | None:
        """Return the event, or None if checkout does not need it. Raises Poison for an invalid message."""
        return event_of(message)

    def record(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Store Stripe's events, apply enrollment's announcements, and plan refunds of duplicates."""
        self.derivation.record(tx, _stored(events))
        enrollments.apply(tx, [event.facts for event in events if has_facts(event, EnrollmentChanged)])
        announced = [event.facts for event in events if has_facts(event, DuplicateDetected)]
        withdrawn = [event.facts for event in events if has_facts(event, DuplicateWithdrawn)]
        for order_id in duplicates.note(tx, [*announced, *withdrawn], self._clock()):
            UNKNOWN_DUPLICATES.inc()
            log.error("a duplicate of an order that checkout does not have", order_id=order_id)

    def derive(self, tx: Session, events: Sequence[Event[Any]]) -> None:
        """Derive the orders that Stripe's events name from the event set."""
        self.derivation.derive(tx, _stored(events))

    def derive_failed(self, tx: Session, events: Sequence[Event[Any]], error: BaseException) -> None:
        """Mark these orders, so that the clock derives them again."""
        self.derivation.derive_failed(tx, _stored(events), error)


def derivation(clock: Callable[[], datetime]) -> Derivation[OrderEvents]:
    """The derivation of orders, for the consumer and the clock worker."""
    return Derivation(
        EVENTS,
        owner=OWNER,
        follow=FOLLOW,
        compute=lambda _order_id, events, _now: Derived(group_events(events)),
        write=_write,
        clock=clock,
    )


def _write(tx: Session, grouped: Mapping[str, OrderEvents], now: datetime, announce: bool) -> None:
    written = order_states.write(tx, grouped, now)
    UNKNOWN.inc(written.unknown)
    for change in written.changes:
        _report(change)
    if announce:
        expired = [change for change in written.changes if change.has_expired]
        outbox.append(tx, [_expired(change) for change in expired])


def _expired(change: order_states.Change) -> OutgoingMessage:
    assert change.state.expired_at is not None
    return announcements.order_expired(
        change.order_id,
        change.user_id,
        change.session_id,
        "session_expired",
        change.state.expired_at,
        new_traceparent(),
    )


def _report(change: order_states.Change) -> None:
    state = change.state
    if change.state_before != state.state:
        TRANSITIONS.labels(state.state).inc()
        log.info("order changed", order_id=change.order_id, was=change.state_before, state=state.state.value)
    if state.mismatch is not None and state.mismatch != change.mismatch_before:
        MISMATCHES.inc()
        log.error("payment does not match its order", order_id=change.order_id, detail=state.mismatch)


def _stored(events: Sequence[Event[Any]]) -> list[Event[Any]]:
    return [event for event in events if is_stored(event)]
