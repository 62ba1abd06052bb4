"""Decides which mails an order needs: a pure function of its events. The store knows which of them exist.

A mail is identified by its template and its subject (the order or the refund), never by an event. Events that
Stripe repeats lead to the same mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec.structs import asdict

from messaging.eventset.event import Event, has_facts
from messaging.eventset.facts import Facts
from notifications.domain.contexts import Context, ReceiptContext, RefundContext, RefundedLine, Template
from notifications.domain.facts import OrderFacts
from notifications.domain.payments import CoveredRefund, Payment, covered_refunds, payment_of, present_of
from schemas.times import instant


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that must be sent. `about` is the id of the order or the refund."""

    about: str
    order_id: str
    user_id: str
    recipient: str
    locale: str
    happened_at: datetime
    context: Context
    unnamed: bool = False
    """Whether it is about a refund that only its charge reports: the refund's own event may follow."""
    replaces: frozenset[str] = frozenset()
    """Other subjects of the same mail. If one of these was sent, this one is not needed."""

    @property
    def template(self) -> Template:
        """The template that shows the context."""
        return self.context.template


def mails_of(order_id: str, events: Sequence[Event[Facts]]) -> tuple[Mail, ...]:
    """Return the mails that this order needs. Events in chronological order."""
    order = next((e.facts for e in events if has_facts(e, OrderFacts) and e.facts.order_id == order_id), None)
    if order is None or not order.email:
        # Either the order's own event has not arrived yet, and will derive this again; or the buyer's
        # personal data was erased.
        return ()
    return tuple(_mails(order, order.email, events))


def _mails(order: OrderFacts, recipient: str, events: Sequence[Event[Facts]]) -> Iterator[Mail]:
    """The receipt, and one mail for each refund that succeeded, whatever happens to it afterwards."""

    def mail(about: str, happened_at: datetime, context: Context) -> Mail:
        return Mail(about, order.order_id, order.user_id, recipient, order.locale, happened_at, context)

    payment = payment_of(order, events)
    if payment is not None:
        receipt = _receipt(order, payment, *present_of(order, payment, events))
        yield mail(order.order_id, receipt.paid_at, receipt)
    for covered in covered_refunds(order, payment, events):
        refund = _refund(order, covered)
        refunded = mail(covered.refund.refund_id, refund.refunded_at, refund)
        yield replace(refunded, unnamed=covered.refund.unnamed, replaces=covered.replaces)


def _receipt(order: OrderFacts, payment: Payment, refunded: int, ended: tuple[str, ...]) -> ReceiptContext:
    return ReceiptContext(
        order_id=order.order_id,
        paid_at=instant(payment.at),
        currency=order.currency,
        total=payment.paid,
        tax=payment.tax_on_top,
        lines=order.lines,
        refunded=refunded,
        ended=ended,
    )


def _refund(order: OrderFacts, covered: CoveredRefund) -> RefundContext:
    return RefundContext(
        order_id=order.order_id,
        refunded_at=instant(covered.succeeded_at),
        currency=covered.refund.currency,
        amount=covered.refund.amount,
        duplicate=covered.duplicate,
        lines=tuple(_covered_lines(order, covered)),
    )


def _covered_lines(order: OrderFacts, covered: CoveredRefund) -> Iterator[RefundedLine]:
    """The lines that the refund covers, each with what is refunded of it and whether its access ends.

    If the refund is of a payment that did not pay the order: all lines, without amounts.
    """
    shares, lost = covered.shares, covered.lost
    for line in order.lines:
        if not shares:
            yield RefundedLine(**asdict(line))
        elif line.line_id in shares or line.line_id in lost:
            refunded = shares.get(line.line_id, 0)
            yield RefundedLine(**asdict(line), refunded=refunded, lost=line.line_id in lost)
