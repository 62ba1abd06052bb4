"""What refunds and disputes return of the payments of an order. Amounts are in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from checkout.domain.order_state import OrderEvents
from checkout.domain.refunds import PROMISED, Reserved
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts
from schemas.rules import (
    ChargeReport,
    Dispute,
    DisputeReport,
    PaidLine,
    Refund,
    RefundReport,
    cover,
    intent_of,
    read_disputes,
    read_refunds,
)
from schemas.times import instant, microseconds

F = TypeVar("F", bound=Facts)
R = TypeVar("R", Refund, Dispute)


def promised_amount(
    events: OrderEvents, payment_intent: str | None, currency: str, paid: int, requests: Sequence[Reserved]
) -> int:
    """Return how much of a payment is refunded, on its way back, reserved by requests, or held by disputes.

    A request counts until an event names its refund or, where only the charge reports refunds, states it.
    """
    reports = [
        replace(report, status="succeeded") if report.status in PROMISED else report
        for report in _refund_reports(events, payment_intent)
    ]
    known = {report.refund_id for report in reports}
    reports += [
        RefundReport(
            request.stripe_refund_id or request.refund_id,
            microseconds(request.requested_at),
            "succeeded",
            request.amount,
            currency,
        )
        for request in requests
        if request.stripe_refund_id not in known
    ]
    reports.sort(key=lambda report: report.at)
    refunds = read_refunds(reports, _charge_reports(events, payment_intent))
    claims = [dispute.as_refund(currency, paid) for dispute in disputes_of(events, payment_intent)]
    return sum(each.amount for each in (*refunds, *claims) if each.stands and each.currency == currency)


def lost_at(
    lines: Sequence[PaidLine], refunds: Sequence[Refund], disputes: Sequence[Dispute], currency: str
) -> dict[str, datetime]:
    """Return when each line lost its access: at the refund or lost dispute after which nothing of it was
    left."""
    found: dict[str, datetime] = {}
    lost: frozenset[str] = frozenset()
    moves = [each.moves[-1] for kind in (refunds, disputes) for each in kind if each.moves]
    times = sorted(move.at for move in moves if move.sign == 1)
    for time in times:
        coverage = cover(lines, _until(refunds, time), _until(disputes, time), currency)
        lost = coverage.refunded | coverage.charged_back
        for line_id in lost:
            found.setdefault(line_id, instant(time))
    return {line_id: when for line_id, when in found.items() if line_id in lost}


def _until(found: Sequence[R], time: int) -> list[R]:
    """Those whose last move was made by then."""
    return [each for each in found if each.moves and each.moves[-1].at <= time]


def refunds_of(events: OrderEvents, payment_intent: str | None, currency: str | None) -> list[Refund]:
    """The refunds of a payment in this currency, those that only its charge reports included."""
    found = read_refunds(_refund_reports(events, payment_intent), _charge_reports(events, payment_intent))
    return [refund for refund in found if refund.currency == currency]


def _refund_reports(events: OrderEvents, payment_intent: str | None) -> list[RefundReport]:
    return [
        RefundReport.of(event.facts, refund_id=event.object_id, at=event.created, status=event.status)
        for event in of_payment(events.refunds, payment_intent, events.intent_of_charge)
        if event.object_id is not None
    ]


def _charge_reports(events: OrderEvents, payment_intent: str | None) -> list[ChargeReport]:
    return [
        ChargeReport.of(event.facts, charge_id=event.object_id, at=event.created)
        for event in of_payment(events.charges, payment_intent, events.intent_of_charge)
        if event.object_id is not None
    ]


def disputes_of(events: OrderEvents, payment_intent: str | None) -> tuple[Dispute, ...]:
    """The disputes of a payment, by creation and id."""
    return read_disputes(
        DisputeReport.of(event.facts, dispute_id=event.object_id, at=event.created, status=event.status)
        for event in of_payment(events.disputes, payment_intent, events.intent_of_charge)
        if event.object_id is not None
    )


def moved_at(refund: Refund) -> datetime:
    """When a refund that stands succeeded."""
    return instant(refund.moves[-1].at)


def of_payment(
    events: Sequence[Event[F]], payment_intent: str | None, intents: Mapping[str, str]
) -> list[Event[F]]:
    """The events about one payment: by its intent, or by one of its charges where no intent is named."""
    return [event for event in events if payment_intent and intent_of(event.links, intents) == payment_intent]


def latest(events: Sequence[Event[F]]) -> dict[str, Event[F]]:
    """The newest event of each object, in the order of these newest events."""
    newest: dict[str, Event[F]] = {}
    for event in events:
        if event.object_id is not None:
            newest.pop(event.object_id, None)
            newest[event.object_id] = event
    return newest
