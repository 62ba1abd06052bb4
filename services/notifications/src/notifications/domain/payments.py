"""Reads an order's events for the shared rules (`schemas.rules`): what pays the order, and how refunds cover
its lines. Amounts are in minor units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from messaging.eventset.event import Event
from schemas.rules import (
    PaidLine,
    Refund,
    RefundReport,
    SessionState,
    allocate,
    is_settled,
    mismatch,
    names_order,
    paid_by_line,
    read_refunds,
)

SESSION_EVENTS = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment of an order. `payment_intent_id` is None if nothing was left to pay."""

    at: int
    """When it settled, in microseconds since the epoch."""
    paid: int
    tax_on_top: int
    """The part of `paid` that Stripe added to the order's total; 0 if the prices include the tax."""
    payment_intent_id: str | None


def payment_of(order: Mapping[str, Any], events: Sequence[Event]) -> Payment | None:
    """Return the first payment that settled for the order's total, or None. Events in chronological order.

    A session is matched to the order by its metadata, which checkout always writes.
    """
    for event in events:
        if event.type not in SESSION_EVENTS:
            continue
        session = _session(event)
        if (
            names_order(session, order["order_id"], None)
            and is_settled(session)
            and mismatch(session, order["currency"], order["amount_total"]) is None
        ):
            return Payment(
                at=event.created,
                paid=session.paid,
                tax_on_top=max(session.paid - order["amount_total"], 0),
                payment_intent_id=event.links.get("payment_intent_id"),
            )
    return None


def _session(event: Event) -> SessionState:
    facts = event.facts
    return SessionState(
        session_id=event.object_id,
        status=event.status,
        payment_status=facts["payment_status"],
        currency=facts["currency"],
        # Events stored before `before_tax` existed have the total only. It is right if no tax came on top.
        before_tax=facts.get("before_tax", facts["amount"]),
        paid=facts["amount"],
        order_id=facts["order_id"],
    )


@dataclass(frozen=True, slots=True)
class CoveredRefund:
    """A refund that succeeded, and what it covers of the order."""

    refund: Refund
    duplicate: bool
    shares: Mapping[str, int] | None
    """Line id -> minor units; None if the refund is not of the payment that paid the order."""
    lost: frozenset[str]
    """The ids of the lines that lose access by this refund, and not by an earlier one."""

    @property
    def succeeded_at(self) -> int:
        """When it succeeded first, in microseconds since the epoch."""
        return self.refund.moves[0].at


def covered_refunds(
    order: Mapping[str, Any], payment: Payment | None, events: Sequence[Event]
) -> Iterator[CoveredRefund]:
    """Yield the refunds that succeeded, by creation and id. Events in chronological order."""
    stripe = [event for event in events if event.type in REFUND_EVENTS]
    refunds = read_refunds(_report(event) for event in stripe)
    intents = {event.facts["refund_id"]: event.links.get("payment_intent_id") for event in stripe}
    duplicates = {event.facts["refund_id"]: event.facts.get("duplicate", False) for event in stripe}
    lines = _paid_lines(order, payment.paid) if payment else ()
    of_payment: list[Refund] = []
    lost: frozenset[str] = frozenset()
    for refund in refunds:
        if not refund.moves:
            continue
        refund_id, shares, newly_lost = refund.refund_id, None, frozenset[str]()
        if payment and payment.payment_intent_id and intents[refund_id] == payment.payment_intent_id:
            # Later refunds do not change the shares of earlier ones, and only add lines to those lost.
            of_payment.append(refund)
            allocations = allocate(lines, of_payment, order["currency"])
            shares = allocations.shares.get(refund_id)
            newly_lost, lost = allocations.lost - lost, allocations.lost
        yield CoveredRefund(refund, duplicates[refund_id], shares, newly_lost)


def _report(event: Event) -> RefundReport:
    facts = event.facts
    return RefundReport(
        refund_id=facts["refund_id"],
        at=event.created,
        status=facts["status"],
        amount=facts["amount"],
        currency=facts["currency"],
        created=facts.get("created"),
        line_ids=tuple(facts.get("line_ids", ())),
    )


def _paid_lines(order: Mapping[str, Any], paid: int) -> list[PaidLine]:
    lines = order["lines"]
    amounts = paid_by_line([line["list_amount"] - line["discount_amount"] for line in lines], paid)
    return [
        PaidLine(line["line_id"], amount, line.get("bundle_id"))
        for line, amount in zip(lines, amounts, strict=True)
    ]
