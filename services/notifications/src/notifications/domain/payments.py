"""Reads an order's events for the shared rules (`schemas.rules`): what pays the order, and how refunds cover
its lines. No mail is about a dispute, but what it takes is not left for a refund. Amounts are in minor
units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from msgspec import UNSET

from messaging.eventset.event import Event, has_facts
from messaging.eventset.facts import Facts
from notifications.domain.facts import (
    PAYMENT_ACCEPTED,
    ChargeFacts,
    DisputeFacts,
    OrderFacts,
    RefundFacts,
    SessionFacts,
)
from schemas.rules import (
    ChargeReport,
    Dispute,
    DisputeReport,
    PaidLine,
    Refund,
    RefundReport,
    SessionState,
    cover,
    intent_of,
    intents_of_charges,
    is_settled,
    names_order,
    paid_by_line,
    payment_mismatch,
    read_disputes,
    read_refunds,
    replaced_unnamed,
)


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment of an order. `payment_intent_id` is None if nothing was left to pay."""

    at: int
    """When it settled, in microseconds since the epoch."""
    paid: int
    tax_on_top: int
    """The part of `paid` that Stripe added to the order's total; 0 if the prices include the tax."""
    payment_intent_id: str | None


def payment_of(order: OrderFacts, events: Sequence[Event[Facts]]) -> Payment | None:
    """Return the first payment that settled for the order's total, or that staff accepted; None if there is
    none. Events in chronological order."""
    accepted = frozenset(
        event.links["session_id"]
        for event in events
        if event.type == PAYMENT_ACCEPTED
        and event.links.get("order_id") == order.order_id
        and "session_id" in event.links
    )
    made = _session_ids(order, events)
    for event in events:
        if not has_facts(event, SessionFacts):
            continue
        session = _session(event)
        is_accepted = session.session_id in accepted
        if (
            names_order(session, order.order_id, made | accepted)
            and is_settled(session)
            and payment_mismatch(session, order.currency, order.amount_total, made, accepted=is_accepted)
            is None
        ):
            return Payment(
                at=event.created,
                paid=session.paid,
                tax_on_top=max(session.paid - (session.before_tax or 0), 0),
                payment_intent_id=event.links.get("payment_intent_id"),
            )
    return None


def _session_ids(order: OrderFacts, events: Sequence[Event[Facts]]) -> frozenset[str]:
    """The sessions that checkout made for the order; none if an earlier release stored the order."""
    return frozenset(
        event.links["session_id"]
        for event in events
        if has_facts(event, OrderFacts)
        and event.facts.order_id == order.order_id
        and "session_id" in event.links
    )


def _session(event: Event[SessionFacts]) -> SessionState:
    facts = event.facts
    return SessionState(
        session_id=event.object_id,
        status=event.status,
        payment_status=facts.payment_status,
        currency=facts.currency,
        before_tax=facts.amount if facts.before_tax is UNSET else facts.before_tax,
        paid=facts.amount,
        order_id=facts.order_id,
        payment_id=event.links.get("payment_intent_id"),
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
    replaces: frozenset[str] = frozenset()
    """The ids that this refund had while only its charge reported it (`schemas.rules.refund_history`)."""

    @property
    def succeeded_at(self) -> int:
        """When it succeeded first, in microseconds since the epoch."""
        return self.refund.moves[0].at


def covered_refunds(
    order: OrderFacts, payment: Payment | None, events: Sequence[Event[Facts]]
) -> Iterator[CoveredRefund]:
    """Yield the refunds that succeeded, by creation and id. Events in chronological order."""
    duplicates = {
        event.facts.refund_id: event.facts.duplicate for event in events if has_facts(event, RefundFacts)
    }
    lines = _paid_lines(order, payment.paid) if payment else ()
    disputes = _disputes(payment, events)
    of_payment: list[Refund] = []
    lost: frozenset[str] = frozenset()
    for found in _refunds(events):
        refund = found.refund
        if not refund.moves:
            continue
        shares, newly_lost = None, frozenset[str]()
        if payment and payment.payment_intent_id and found.payment_intent_id == payment.payment_intent_id:
            # Later refunds do not change the shares of earlier ones, and only add lines to those lost.
            of_payment.append(refund)
            coverage = cover(lines, of_payment, disputes, order.currency)
            shares = coverage.shares.get(refund.refund_id)
            newly_lost, lost = coverage.refunded - lost, coverage.refunded
        yield CoveredRefund(
            refund, duplicates.get(refund.refund_id, False), shares, newly_lost, replaces=found.replaces
        )


def present_of(
    order: OrderFacts, payment: Payment, events: Sequence[Event[Facts]]
) -> tuple[int, tuple[str, ...]]:
    """Return what refunds have returned of the payment, and the lines without access because of refunds or
    disputes."""
    of_payment = [
        found.refund for found in _refunds(events) if found.payment_intent_id == payment.payment_intent_id
    ]
    disputes = _disputes(payment, events)
    if payment.payment_intent_id is None or not (of_payment or disputes):
        return 0, ()
    coverage = cover(_paid_lines(order, payment.paid), of_payment, disputes, order.currency)
    ended = coverage.refunded | coverage.charged_back | coverage.withheld
    return sum(coverage.refunded_amounts.values()), tuple(sorted(ended))


@dataclass(frozen=True, slots=True)
class _PaymentRefund:
    payment_intent_id: str | None
    refund: Refund
    replaces: frozenset[str]


def _refunds(events: Sequence[Event[Facts]]) -> list[_PaymentRefund]:
    """The refunds of each payment, by creation and id, those that only a charge reports included."""
    of_charges = intents_of_charges(event.links for event in events)
    # The newest event of a refund decides, as an earlier one may name a charge that no event explains.
    intents = {
        event.facts.refund_id: intent_of(event.links, of_charges)
        for event in events
        if has_facts(event, RefundFacts)
    }
    reports: dict[str | None, list[RefundReport]] = defaultdict(list)
    charges: dict[str | None, list[ChargeReport]] = defaultdict(list)
    for event in events:
        if has_facts(event, RefundFacts):
            reports[intents[event.facts.refund_id]].append(_report(event))
        elif has_facts(event, ChargeFacts) and event.object_id is not None:
            charge = ChargeReport.of(event.facts, charge_id=event.object_id, at=event.created)
            charges[intent_of(event.links, of_charges)].append(charge)
    found = [
        _PaymentRefund(intent, refund, replaced_unnamed(refund, reports[intent], charges[intent]))
        for intent in reports.keys() | charges.keys()
        for refund in read_refunds(reports[intent], charges[intent])
    ]
    return sorted(found, key=attrgetter("refund.created", "refund.refund_id"))


def _disputes(payment: Payment | None, events: Sequence[Event[Facts]]) -> tuple[Dispute, ...]:
    """The disputes of the payment that paid the order."""
    if payment is None or payment.payment_intent_id is None:
        return ()
    of_charges = intents_of_charges(event.links for event in events)
    return read_disputes(
        DisputeReport.of(event.facts, dispute_id=event.object_id, at=event.created, status=event.status)
        for event in events
        if has_facts(event, DisputeFacts)
        and event.object_id is not None
        and intent_of(event.links, of_charges) == payment.payment_intent_id
    )


def _report(event: Event[RefundFacts]) -> RefundReport:
    facts = event.facts
    return RefundReport.of(facts, refund_id=facts.refund_id, at=event.created, status=facts.status)


def _paid_lines(order: OrderFacts, paid: int) -> list[PaidLine]:
    amounts = paid_by_line([line.list_amount - line.discount_amount for line in order.lines], paid)
    return [
        PaidLine(line.line_id, amount, line.bundle_id)
        for line, amount in zip(order.lines, amounts, strict=True)
    ]
