"""Grants of subscriptions: access to every course while the subscription is paid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from enrollment.domain.book import Book, SubscriptionEvent, cause_of
from enrollment.domain.facts import InvoiceFacts, NoFacts, SubscriptionFacts
from enrollment.domain.payments import PaymentHistory, state_of_whole
from enrollment.domain.types import ALL_COURSES, Grant, Policy, State
from messaging.eventset.event import Event, has_facts
from schemas.rules import PaidState
from schemas.times import from_seconds, instant

_NEVER_BEGAN = frozenset({"incomplete", "incomplete_expired"})
_PAYS_A_PERIOD = frozenset({"subscription_create", "subscription_cycle", "subscription_update"})
"""The billing reasons of invoices for a period of the subscription; others are for single items."""
_CLOSED = {
    "canceled": (State.EXPIRED, "canceled"),
    "incomplete_expired": (State.EXPIRED, "incomplete"),
    "incomplete": (State.REVOKED, "incomplete"),
    "unpaid": (State.REVOKED, "unpaid"),
    "paused": (State.REVOKED, "paused"),
}


def subscription_grants(
    book: Book, histories: Mapping[str, PaymentHistory], now: datetime, policy: Policy
) -> Iterator[Grant]:
    """Return the grant of each subscription that one of the user's orders started."""
    intents: dict[str, list[str]] = {}
    for intent, invoice in book.invoice_of_intent.items():
        intents.setdefault(invoice, []).append(intent)
    for subscription_id, events in book.subscriptions.items():
        orders = book.orders.get(book.order_of_subscription.get(subscription_id, ""), ())
        past = read_events(events)
        if not orders or not past.began or all(order.facts.currency != past.currency for order in orders):
            continue
        deleted = book.deleted_customers.get(past.customer_id or "")
        payments = [
            (invoice, histories[intent])
            for invoice in past.invoices
            for intent in intents.get(invoice, ())
            if intent in histories
        ]
        state, reason, until = _state(past, deleted, payments, now, policy)
        evidence = [*events, *(event for _, each in payments for event in each.events)]
        yield Grant(
            kind="subscription",
            source_id=subscription_id,
            line_id="",
            course_id=ALL_COURSES,
            state=state,
            reason=reason,
            since=past.since,
            until=until,
            flagged=any(each.flagged for _, each in payments),
            cause=cause_of(evidence if deleted is None else [*evidence, deleted]),
        )


@dataclass(slots=True)
class SubscriptionHistory:
    """What the events of one subscription and its invoices report, put together."""

    status: str = ""
    began: bool = False
    """Whether it ever had a status other than incomplete."""
    since: datetime | None = None
    currency: str | None = None
    customer_id: str | None = None
    failing_since: datetime | None = None
    """When a renewal failed for the first time; further attempts do not change it."""
    trial_end: datetime | None = None
    first_period_end: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    invoices: set[str] = field(default_factory=set)
    paid: dict[str, InvoiceFacts] = field(default_factory=dict)
    periods: set[tuple[int, int]] = field(default_factory=set)
    """The (start, end) of every period that it had, in seconds since the epoch. A start is 0 if it is
    unknown: earlier releases did not store it."""

    def newest_paid(self) -> tuple[str, datetime, int] | None:
        """Return the paid invoice with the latest end of period: (id, paid until, amount in minor units)."""
        untils = ((self._paid_until(facts), invoice) for invoice, facts in self.paid.items())
        until, invoice = max(((until, of) for until, of in untils if until is not None), default=(None, ""))
        return None if until is None else (invoice, from_seconds(until), self.paid[invoice].amount)

    def _paid_until(self, invoice: InvoiceFacts) -> int | None:
        """Return the end of the period that a paid invoice pays.

        If the event had only some of its lines, it is at least the period in which it was drawn up.
        """
        ends = [invoice.paid_until]
        if not invoice.has_all_lines and invoice.reason in _PAYS_A_PERIOD and invoice.drawn_up is not None:
            ends.append(self._end_of_period_at(invoice.drawn_up))
        return max((end for end in ends if end is not None), default=None)

    def _end_of_period_at(self, moment: int) -> int | None:
        """Return the end of the period at that time; of several, a change of plan began the newest."""
        around = [(start, -end) for start, end in self.periods if start <= moment < end]
        return -max(around)[1] if around else None


def read_events(events: Sequence[SubscriptionEvent]) -> SubscriptionHistory:
    """Read the events of a subscription and its invoices, in chronological order."""
    past = SubscriptionHistory()
    for event in events:
        if has_facts(event, InvoiceFacts):
            _read_invoice(past, event)
        elif has_facts(event, SubscriptionFacts):
            _read_subscription(past, event)
    return past


def _read_subscription(past: SubscriptionHistory, event: Event[SubscriptionFacts]) -> None:
    facts, when = event.facts, instant(event.created)
    past.status = event.status or past.status
    past.customer_id = event.links.get("customer_id", past.customer_id)
    past.currency = facts.currency or past.currency
    if past.status not in _NEVER_BEGAN:
        past.began = True
        past.since = past.since or when
    if past.status == "past_due":
        past.failing_since = past.failing_since or when
    else:
        past.failing_since = None
    past.trial_end = _at(facts.trial_end)
    if facts.period_end is not None:
        past.periods.add((facts.period_start or 0, facts.period_end))
    past.first_period_end = past.first_period_end or _at(facts.period_end)
    past.ends_at = _at(facts.ends_at)
    if past.status == "canceled":
        past.ended_at = _at(facts.ended_at) or when


def _read_invoice(past: SubscriptionHistory, event: Event[InvoiceFacts]) -> None:
    if event.object_id is None:
        return
    past.invoices.add(event.object_id)
    if event.status == "paid":
        past.failing_since = None
        past.paid[event.object_id] = event.facts
    elif event.type == "invoice.payment_failed" and event.facts.reason != "subscription_create":
        past.failing_since = past.failing_since or instant(event.created)


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_seconds(seconds)


def _state(
    past: SubscriptionHistory,
    deleted: Event[NoFacts] | None,
    payments: Sequence[tuple[str, PaymentHistory]],
    now: datetime,
    policy: Policy,
) -> tuple[State, str, datetime | None]:
    """Return the state, reason and end of a subscription that began."""
    if past.status in _CLOSED:
        return (*_CLOSED[past.status], past.ended_at)
    if deleted is not None:
        return State.EXPIRED, "customer_deleted", instant(deleted.created)
    until, end_reason = _end(past, policy.grace)
    newest = past.newest_paid()
    if newest is not None:
        invoice, _, amount = newest
        paid = _state_of(invoice, amount, past, payments)
        if paid in ("refunded", "charged_back"):
            return State.REVOKED, "refunded" if paid == "refunded" else "dispute_lost", until
    if until is not None and until <= now:
        return State.EXPIRED, end_reason, until
    if any(_is_disputed(invoice, past, payments) for invoice, _ in payments):
        return State.SUSPENDED, "dispute", until
    if policy.fraud_warning_suspends and any(each.warning_open for _, each in payments):
        return State.SUSPENDED, "fraud_warning", until
    if past.failing_since is not None:
        return State.IN_GRACE, "past_due", until
    return State.ACTIVE, "trialing" if past.status == "trialing" else "paid", until


def _is_disputed(
    invoice: str, past: SubscriptionHistory, payments: Sequence[tuple[str, PaymentHistory]]
) -> bool:
    # Any amount is the whole of an invoice of which the amount is not known.
    amount = past.paid[invoice].amount if invoice in past.paid else 1
    return _state_of(invoice, amount, past, payments) == "disputed"


def _state_of(
    invoice: str, amount: int, past: SubscriptionHistory, payments: Sequence[tuple[str, PaymentHistory]]
) -> PaidState:
    mine = [each for of, each in payments if of == invoice]
    return state_of_whole(mine, amount, past.currency or "")


def _end(past: SubscriptionHistory, grace: timedelta) -> tuple[datetime | None, str]:
    """Return when the subscription ends without a further event, and why.

    A new period alone does not extend access: Stripe starts it about an hour before it charges the card.
    Access lasts to the end of the paid period plus grace, which covers that hour, retries and late webhooks.
    """
    if past.failing_since is not None:
        end, why = past.failing_since + grace, "grace_over"
    else:
        newest = past.newest_paid()
        known = [each for each in (newest and newest[1], past.trial_end) if each]
        if not known and past.first_period_end:
            known = [past.first_period_end]
        if not known:
            return past.ends_at, "canceled"
        end, why = max(known) + grace, "payment_missing"
    if past.ends_at is not None and past.ends_at <= end:
        return past.ends_at, "canceled"
    return end, why
