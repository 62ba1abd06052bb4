"""Decides which mails an order needs: a pure function of its events. The store knows which of them exist.

A mail is identified by its template and its subject (the order or the refund), never by an event. Events that
Stripe repeats lead to the same mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from messaging.eventset.event import Event
from notifications.domain.payments import CoveredRefund, Payment, covered_refunds, payment_of
from schemas.times import instant

ORDER_PLACED = "masterji.order.placed.v1"

Template = Literal["receipt", "refund"]
SkipReason = Literal["too_old", "not_before"]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that must be sent. `about` is the id of the order or the refund.

    `context` is what the template shows: amounts in minor units, times in ISO 8601.
    """

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
    """Which mails are skipped. A receipt that arrives days after the payment would only alarm the buyer.

    `not_before` is for an empty database that reads the log again: the previous database has sent the mails
    about what happened earlier.
    """

    max_age: timedelta
    not_before: datetime | None = None

    def skip(self, mail: Mail, now: datetime) -> SkipReason | None:
        """Return why this mail is skipped, or None if it must be sent."""
        if self.not_before is not None and mail.happened_at < self.not_before:
            return "not_before"
        return "too_old" if now - mail.happened_at > self.max_age else None


def mails_of(order_id: str, events: Sequence[Event]) -> tuple[Mail, ...]:
    """Return the mails that this order needs. Events in chronological order."""
    order = next(
        (e.facts for e in events if e.type == ORDER_PLACED and e.facts["order_id"] == order_id), None
    )
    if order is None or not order.get("email"):
        # Either the order's own event has not arrived yet, and will derive this again; or the buyer's
        # personal data was erased.
        return ()
    payment = payment_of(order, events)
    receipt = () if payment is None else (_receipt(order, payment),)
    return (*receipt, *_refunds(order, payment, events))


def _receipt(order: Mapping[str, Any], payment: Payment) -> Mail:
    paid_at = instant(payment.at)
    return _mail(
        "receipt",
        order["order_id"],
        order,
        paid_at,
        {
            "order_id": order["order_id"],
            "paid_at": paid_at.isoformat(),
            "currency": order["currency"],
            "total": payment.paid,
            "tax": payment.tax_on_top,
            "lines": order["lines"],
        },
    )


def _refunds(order: Mapping[str, Any], payment: Payment | None, events: Sequence[Event]) -> Iterator[Mail]:
    """One mail for each refund that succeeded, whatever happens to it afterwards."""
    for covered in covered_refunds(order, payment, events):
        refunded_at = instant(covered.succeeded_at)
        yield _mail(
            "refund",
            covered.refund.refund_id,
            order,
            refunded_at,
            {
                "order_id": order["order_id"],
                "refunded_at": refunded_at.isoformat(),
                "currency": covered.refund.currency,
                "amount": covered.refund.amount,
                "duplicate": covered.duplicate,
                "lines": _covered_lines(order, covered),
            },
        )


def _covered_lines(order: Mapping[str, Any], covered: CoveredRefund) -> Sequence[Mapping[str, Any]]:
    """The lines that the refund covers, each with what is refunded of it and whether its access ends.

    All lines of the order, without amounts, for a refund of another payment than the one that paid it.
    """
    shares, lost = covered.shares, covered.lost
    if not shares:
        return list(order["lines"])
    return [
        {**line, "refunded": shares.get(line["line_id"], 0), "lost": line["line_id"] in lost}
        for line in order["lines"]
        if line["line_id"] in shares or line["line_id"] in lost
    ]


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
