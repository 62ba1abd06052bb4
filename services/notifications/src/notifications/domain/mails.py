"""Which mails an order is owed: a pure function of its events. What was already written is the store's to
know.

A mail is named by its template and the thing it is about (the order, the refund), never by an event: however
often Stripe repeats itself, the pair is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from messaging.eventset.event import Event

ORDER_PLACED = "masterji.order.placed.v1"
SESSION_EVENTS = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
SETTLED = frozenset({"paid", "no_payment_required"})

Template = Literal["receipt", "refund"]
SkipReason = Literal["too_old", "not_before"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is owed. `context` is what its template shows; amounts in minor units, times as ISO
    8601."""

    template: Template
    about: str
    order_id: str
    user_id: str
    recipient: str
    locale: str
    happened_at: datetime
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """When a mail that is owed is better left unsent: long after the fact, a receipt only alarms its reader.

    `not_before` is set when an empty database reads the log again: what happened earlier was mailed by its
    predecessor.
    """

    max_age: timedelta
    not_before: datetime | None = None

    def skip(self, mail: Mail, now: datetime) -> SkipReason | None:
        """Why this mail is not sent; None: it is."""
        if self.not_before is not None and mail.happened_at < self.not_before:
            return "not_before"
        return "too_old" if now - mail.happened_at > self.max_age else None


def mails_of(order_id: str, events: Sequence[Event]) -> tuple[Mail, ...]:
    """The mails that this order is owed, from its events in chronological order."""
    order = next(
        (e.facts for e in events if e.type == ORDER_PLACED and e.facts["order_id"] == order_id), None
    )
    if order is None or not order.get("email"):
        # Unknown as yet (the order's own event derives this again), or of a person who asked to be forgotten.
        return ()
    return (*_receipt(order, events), *_refunds(order, events))


def _receipt(order: Mapping[str, Any], events: Sequence[Event]) -> Iterator[Mail]:
    """One receipt for the first session that paid what the order asked for."""
    for event in events:
        facts = event.facts
        if (
            event.type in SESSION_EVENTS
            and facts["order_id"] == order["order_id"]
            and facts["payment_status"] in SETTLED
            and (facts["amount"], facts["currency"]) == (order["amount_total"], order["currency"])
        ):
            happened_at = _instant(event)
            yield _mail(
                "receipt",
                order["order_id"],
                order,
                happened_at,
                {
                    "order_id": order["order_id"],
                    "paid_at": happened_at.isoformat(),
                    "currency": order["currency"],
                    "total": order["amount_total"],
                    "lines": order["lines"],
                },
            )
            return


def _refunds(order: Mapping[str, Any], events: Sequence[Event]) -> Iterator[Mail]:
    """One mail for each refund that succeeded, when it first did."""
    told: set[str] = set()
    for event in events:
        facts = event.facts
        if event.type in REFUND_EVENTS and facts["status"] == "succeeded" and facts["refund_id"] not in told:
            told.add(facts["refund_id"])
            happened_at = _instant(event)
            yield _mail(
                "refund",
                facts["refund_id"],
                order,
                happened_at,
                {
                    "order_id": order["order_id"],
                    "refunded_at": happened_at.isoformat(),
                    "currency": facts["currency"],
                    "amount": facts["amount"],
                    "duplicate": facts.get("duplicate", False),
                    "lines": order["lines"],
                },
            )


def _mail(
    template: Template,
    about: str,
    order: Mapping[str, Any],
    happened_at: datetime,
    context: Mapping[str, Any],
) -> Mail:
    return Mail(
        template=template,
        about=about,
        order_id=order["order_id"],
        user_id=order["user_id"],
        recipient=order["email"],
        locale=order["locale"],
        happened_at=happened_at,
        context=context,
    )


def _instant(event: Event) -> datetime:
    return _EPOCH + timedelta(microseconds=event.created)
