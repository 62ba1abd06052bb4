"""Grants of subscriptions: every course, for as long as it is paid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from enrollment.domain.book import Book, cause_of
from enrollment.domain.kinds import Kind, kind_of
from enrollment.domain.payments import Aftermath
from enrollment.domain.types import ALL_COURSES, Grant, Policy, State
from messaging.eventset.event import Event
from schemas.times import from_seconds, instant

_NEVER_BEGAN = frozenset({"incomplete", "incomplete_expired"})
_CLOSED = {
    "canceled": (State.EXPIRED, "canceled"),
    "incomplete_expired": (State.EXPIRED, "incomplete"),
    "incomplete": (State.REVOKED, "incomplete"),
    "unpaid": (State.REVOKED, "unpaid"),
    "paused": (State.REVOKED, "paused"),
}


def subscription_grants(
    book: Book, after: Mapping[str, Aftermath], now: datetime, policy: Policy
) -> Iterator[Grant]:
    """The grant of each subscription that one of the user's orders began."""
    intents: dict[str, list[str]] = {}
    for intent, invoice in book.invoice_of_intent.items():
        intents.setdefault(invoice, []).append(intent)
    for subscription_id, events in book.subscriptions.items():
        orders = book.orders.get(book.order_of_subscription.get(subscription_id, ""), ())
        life = read_life(events)
        if not orders or not life.began or all(order.facts["currency"] != life.currency for order in orders):
            continue
        deleted = book.deleted_customers.get(life.customer_id or "")
        payments = [
            (invoice, after[intent])
            for invoice in life.invoices
            for intent in intents.get(invoice, ())
            if intent in after
        ]
        state, reason, until = _standing(life, deleted, payments, now, policy)
        evidence = [*events, *(event for _, each in payments for event in each.events)]
        yield Grant(
            kind="subscription",
            source_id=subscription_id,
            line_id="",
            course_id=ALL_COURSES,
            state=state,
            reason=reason,
            since=life.since,
            until=until,
            flagged=any(each.flagged for _, each in payments),
            cause=cause_of(evidence if deleted is None else [*evidence, deleted]),
        )


@dataclass(slots=True)
class Life:
    """What the events of one subscription and of its invoices add up to."""

    status: str = ""
    began: bool = False
    """It was more than an attempt at some time."""
    since: datetime | None = None
    currency: str | None = None
    customer_id: str | None = None
    failing_since: datetime | None = None
    """Since when a renewal is due and does not come; set once, however often the card is tried."""
    trial_end: datetime | None = None
    first_period_end: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    invoices: set[str] = field(default_factory=set)
    paid: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """Paid invoice -> (the end of the period that it pays, minor units)."""

    def newest_paid(self) -> tuple[str, datetime, int] | None:
        """The invoice that reaches furthest: (id, paid until, minor units)."""
        found = max(self.paid.items(), key=lambda item: (item[1][0], item[0]), default=None)
        return None if found is None else (found[0], *found[1])


def read_life(events: Sequence[Event]) -> Life:
    """Go through the events of a subscription and its invoices in chronological order."""
    life = Life()
    for event in events:
        if kind_of(event.type) is Kind.INVOICE:
            _read_invoice(life, event)
        else:
            _read_subscription(life, event)
    return life


def _read_subscription(life: Life, event: Event) -> None:
    facts, when = event.facts, instant(event.created)
    life.status = event.status or life.status
    life.customer_id = event.links.get("customer_id", life.customer_id)
    life.currency = facts.get("currency", life.currency)
    if life.status not in _NEVER_BEGAN:
        life.began = True
        life.since = life.since or when
    if life.status == "past_due":
        life.failing_since = life.failing_since or when
    else:
        life.failing_since = None
    life.trial_end = _at(facts, "trial_end")
    life.first_period_end = life.first_period_end or _at(facts, "period_end")
    life.ends_at = _at(facts, "ends_at")
    if life.status == "canceled":
        life.ended_at = _at(facts, "ended_at") or when


def _read_invoice(life: Life, event: Event) -> None:
    if event.object_id is None:
        return
    life.invoices.add(event.object_id)
    if event.status == "paid":
        life.failing_since = None
        until = _at(event.facts, "paid_until")
        if until is not None:
            life.paid[event.object_id] = (until, event.facts.get("amount", 0))
    elif event.type == "invoice.payment_failed" and event.facts.get("reason") != "subscription_create":
        life.failing_since = life.failing_since or instant(event.created)


def _at(facts: Mapping[str, int], name: str) -> datetime | None:
    seconds = facts.get(name)
    return None if seconds is None else from_seconds(seconds)


def _standing(
    life: Life,
    deleted: Event | None,
    payments: Sequence[tuple[str, Aftermath]],
    now: datetime,
    policy: Policy,
) -> tuple[State, str, datetime | None]:
    """State, reason and end of a subscription that began."""
    if life.status in _CLOSED:
        return (*_CLOSED[life.status], life.ended_at)
    if deleted is not None:
        return State.EXPIRED, "customer_deleted", instant(deleted.created)
    until, why_ended = _end(life, policy.grace)
    newest = life.newest_paid()
    if newest is not None:
        invoice, _, amount = newest
        mine = [each for of, each in payments if of == invoice]
        if any(each.dispute_lost for each in mine):
            return State.REVOKED, "dispute_lost", until
        if 0 < amount <= sum(each.refunded(life.currency) for each in mine):
            return State.REVOKED, "refunded", until
    if until is not None and until <= now:
        return State.EXPIRED, why_ended, until
    if any(each.dispute_open for _, each in payments):
        return State.SUSPENDED, "dispute", until
    if policy.fraud_warning_suspends and any(each.warning_open for _, each in payments):
        return State.SUSPENDED, "fraud_warning", until
    if life.failing_since is not None:
        return State.IN_GRACE, "past_due", until
    return State.ACTIVE, "trialing" if life.status == "trialing" else "paid", until


def _end(life: Life, grace: timedelta) -> tuple[datetime | None, str]:
    """When the subscription ends if nothing more is heard of it, and why.

    The period alone moves nothing: Stripe opens the next one an hour before it even tries the card. Access
    runs to the end of what an invoice has paid; the grace period covers that hour, a retry, a late webhook.
    """
    if life.failing_since is not None:
        end, why = life.failing_since + grace, "grace_over"
    else:
        newest = life.newest_paid()
        known = [each for each in (newest and newest[1], life.trial_end) if each]
        if not known and life.first_period_end:
            known = [life.first_period_end]
        if not known:
            return life.ends_at, "canceled"
        end, why = max(known) + grace, "payment_missing"
    if life.ends_at is not None and life.ends_at <= end:
        return life.ends_at, "canceled"
    return end, why
