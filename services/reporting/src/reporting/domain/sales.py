"""What was sold, what was paid back, and what money nobody can explain: a pure function of the events of one
owner.

An owner is an order, or a payment that names no order. Every received amount ends up in exactly one place: on
the lines of the order it pays, or as an `UnattributedPayment` with the reason. Amounts are integers in the
currency's minor unit, and amounts of different currencies are never added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from messaging.eventset.event import Event
from reporting.domain.ledger import Ledger, LineKind, MoneyLine, Reason, UnattributedPayment
from reporting.domain.payments import Payment, payments_of, settled_sessions
from reporting.domain.refunds import Step, refund_steps, spread_over_lines

ORDER_PLACED = "masterji.order.placed.v1"


def ledger_of(owner: str, events: Sequence[Event]) -> Ledger:
    """The ledger of an order or of a payment without one, from its events in chronological order."""
    named = {event.facts["order_id"] for event in events} - {None}
    if owner in named:
        own = [event for event in events if event.facts["order_id"] in (owner, None)]
        return _order_ledger(owner, own)
    if named:
        return Ledger()  # a payment that turned out to be an order's: that order's ledger has it
    steps = refund_steps(events)
    payments = payments_of(events, settled_sessions(events)).values()
    foreign = [_unattributed(payment, "foreign", None, steps) for payment in payments]
    return Ledger(unattributed=tuple(row for row in foreign if row.amount))


def _order_ledger(order_id: str, events: Sequence[Event]) -> Ledger:
    sessions = settled_sessions(events)
    payments = payments_of(events, sessions)
    steps = refund_steps(events)
    placed = next((event for event in events if event.type == ORDER_PLACED), None)
    if placed is None:
        rows = (_unattributed(p, "order_unknown", order_id, steps) for p in payments.values())
        return Ledger(unattributed=tuple(row for row in rows if row.amount))
    order = placed.facts
    lines: list[MoneyLine] = []
    reasons: dict[str, Reason] = {}
    for session in sessions:
        if reason := _disagreement(session.currency, session.amount, order):
            reasons.setdefault(session.payment_id, reason)
        elif not lines:
            lines = list(_sale(order_id, order, session))
            lines += _refunds(lines, order_id, order, session.payment_id, steps)
        elif session.payment_id != lines[0].payment_id:
            reasons.setdefault(session.payment_id, "paid_again")
    sold = lines[0].payment_id if lines else None
    rows = (
        _unattributed(payment, reasons.get(payment.payment_id, "session_missing"), order_id, steps, order)
        for payment in payments.values()
        if payment.payment_id != sold
    )
    return Ledger(tuple(lines), tuple(row for row in rows if row.amount or row.expected_amount))


def _disagreement(currency: str, amount: int, order: Any) -> Reason | None:
    if currency != order["currency"]:
        return "currency_mismatch"
    return "amount_mismatch" if amount != order["amount_total"] else None


def _sale(order_id: str, order: Any, session: Payment) -> Iterable[MoneyLine]:
    for index, line in enumerate(order["lines"]):
        yield _line(
            order_id,
            order,
            line,
            kind="sale",
            reference=session.session_id or session.payment_id,
            step=0,
            at=session.received_at,
            payment_id=session.payment_id,
            orders=int(index == 0),
            units=1,
            gross=line["list_amount"],
            discount=line["discount_amount"],
        )


def _refunds(
    sold: Sequence[MoneyLine], order_id: str, order: Any, payment_id: str, steps: Sequence[Step]
) -> Iterable[MoneyLine]:
    """Refund rows on the day of the refund; a reversal stands on its own day, so that past periods stay as
    they were."""
    paid = {line.line_id: line.gross - line.discount for line in sold}
    facts = {line["line_id"]: line for line in order["lines"]}
    ours = [step for step in steps if step.payment_id == payment_id and step.currency == order["currency"]]
    for step, shares in spread_over_lines(ours, paid):
        for line_id, amount in shares.items():
            if amount:
                yield _line(
                    order_id,
                    order,
                    facts[line_id],
                    kind="refund" if step.sign > 0 else "refund_reversal",
                    reference=step.refund_id,
                    step=step.number,
                    at=step.at,
                    payment_id=payment_id,
                    refunded=step.sign * amount,
                )


def _line(
    order_id: str,
    order: Any,
    line: Any,
    *,
    kind: LineKind,
    reference: str,
    step: int,
    at: datetime,
    payment_id: str,
    orders: int = 0,
    units: int = 0,
    gross: int = 0,
    discount: int = 0,
    refunded: int = 0,
) -> MoneyLine:
    return MoneyLine(
        order_id=order_id,
        line_id=line["line_id"],
        kind=kind,
        reference=reference,
        step=step,
        occurred_at=at,
        currency=order["currency"],
        orders=orders,
        units=units,
        gross=gross,
        discount=discount,
        refunded=refunded,
        course_id=line.get("course_id"),
        bundle_id=line.get("bundle_id"),
        plan_id=line.get("plan_id"),
        category=line.get("category"),
        title=line.get("title"),
        country=order.get("country"),
        user_id=order["user_id"],
        payment_id=payment_id,
    )


def _unattributed(
    payment: Payment, reason: Reason, order_id: str | None, steps: Sequence[Step], order: Any = None
) -> UnattributedPayment:
    refunded = sum(
        step.sign * step.amount
        for step in steps
        if step.payment_id == payment.payment_id and step.currency == payment.currency
    )
    return UnattributedPayment(
        payment_id=payment.payment_id,
        reason=reason,
        order_id=order_id,
        received_at=payment.received_at,
        currency=payment.currency,
        amount=payment.amount,
        refunded=refunded,
        expected_currency=order["currency"] if order else None,
        expected_amount=order["amount_total"] if order else None,
    )
