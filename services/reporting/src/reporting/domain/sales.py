"""The ledger of one owner, computed from its events. Pure.

The owner is an order, or a payment that names no order. Every received amount is in exactly one place: on the
lines of the order that it pays, or in an `UnattributedPayment` with the reason. Amounts are integers in the
currency's minor unit, and amounts of different currencies are never added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from messaging.eventset.event import has_facts
from reporting.domain.facts import AcceptedFacts, MoneyEvent, OrderFacts
from reporting.domain.ledger import Ledger, MoneyLine, Reason, UnattributedPayment
from reporting.domain.payments import Payment, Session, payments_of, settled_sessions
from reporting.domain.refunds import disputes_by_payment, refunds_by_payment, returned_rows
from schemas.rules import Mismatch, Refund, paid_by_line, payment_mismatch

_REASONS: Mapping[Mismatch, Reason] = {
    "session_unknown": "session_unknown",
    "payment_missing": "payment_missing",
    "currency_differs": "currency_mismatch",
    "amount_differs": "amount_mismatch",
}

_Refunds = Mapping[str, Sequence[Refund]]


def ledger_of(owner: str, events: Sequence[MoneyEvent]) -> Ledger:
    """Return the ledger of an order, or of a payment without an order, from its events in chronological
    order."""
    named = {event.facts.order_id for event in events} - {None}
    if owner in named:
        own = [event for event in events if event.facts.order_id in (owner, None)]
        return _order_ledger(owner, own)
    if named:
        return Ledger()  # the payment is in the ledger of the order that it names
    refunds = refunds_by_payment(events)
    # A refund that names only the charge has that as its owner: the payment's own ledger has both.
    payment = payments_of(events, settled_sessions(events)).get(owner)
    if payment is None or not payment.amount:
        return Ledger()
    return Ledger(unattributed=(_unattributed(payment, "foreign", None, refunds),))


def _order_ledger(order_id: str, events: Sequence[MoneyEvent]) -> Ledger:
    sessions = settled_sessions(events)
    payments = payments_of(events, sessions)
    refunds, disputes = refunds_by_payment(events), disputes_by_payment(events)
    placed = [event for event in events if has_facts(event, OrderFacts)]
    order = next((event.facts for event in placed), None)
    if order is None:
        rows = (_unattributed(p, "order_unknown", order_id, refunds) for p in payments.values())
        return Ledger(unattributed=tuple(row for row in rows if row.amount))
    session_ids = {event.links["session_id"] for event in placed if "session_id" in event.links}
    accepted = {event.facts.session_id for event in events if has_facts(event, AcceptedFacts)}
    lines: list[MoneyLine] = []
    reasons: dict[str, Reason] = {}
    for session in sessions:
        is_accepted = session.session_id in accepted
        if found := payment_mismatch(
            session, order.currency, order.amount_total, session_ids, accepted=is_accepted
        ):
            reasons.setdefault(session.payment_id, _REASONS[found])
        elif not lines:
            sale = list(_sale(order_id, order, session))
            returned = refunds.get(session.payment_id, ()), disputes.get(session.payment_id, ())
            lines = [*sale, *returned_rows(sale, *returned)]
        elif session.payment_id != lines[0].payment_id:
            reasons.setdefault(session.payment_id, "paid_again")
    sold = lines[0].payment_id if lines else None
    rows = (
        _unattributed(payment, reasons.get(payment.payment_id, "session_missing"), order_id, refunds, order)
        for payment in payments.values()
        if payment.payment_id != sold
    )
    return Ledger(tuple(lines), tuple(row for row in rows if row.amount or row.expected_amount))


def _sale(order_id: str, order: OrderFacts, session: Session) -> Iterator[MoneyLine]:
    """The sale of each line. What an accepted payment lacks counts as discount, and its surplus as price."""
    agreed = [line.list_amount - line.discount_amount for line in order.lines]
    prices = paid_by_line(agreed, session.paid if session.before_tax is None else session.before_tax)
    paid = paid_by_line(agreed, session.paid)
    for index, line in enumerate(order.lines):
        yield MoneyLine(
            order_id=order_id,
            line_id=line.line_id,
            kind="sale",
            reference=session.session_id,
            step=0,
            occurred_at=session.at,
            currency=order.currency,
            orders=int(index == 0),
            units=1,
            gross=max(line.list_amount, prices[index]),
            discount=max(line.list_amount - prices[index], 0),
            refunded=0,
            course_id=line.course_id,
            bundle_id=line.bundle_id,
            plan_id=line.plan_id,
            category=line.category,
            title=line.title,
            country=order.country,
            user_id=order.user_id,
            payment_id=session.payment_id,
            tax=paid[index] - prices[index],
        )


def _unattributed(
    payment: Payment,
    reason: Reason,
    order_id: str | None,
    refunds: _Refunds,
    order: OrderFacts | None = None,
) -> UnattributedPayment:
    return UnattributedPayment(
        payment_id=payment.payment_id,
        reason=reason,
        order_id=order_id,
        received_at=payment.received_at,
        currency=payment.currency,
        amount=payment.amount,
        refunded=sum(
            refund.amount
            for refund in refunds.get(payment.payment_id, ())
            if refund.stands and refund.currency == payment.currency
        ),
        expected_currency=order.currency if order else None,
        expected_amount=order.amount_total if order else None,
    )
