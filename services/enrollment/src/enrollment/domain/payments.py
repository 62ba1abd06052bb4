"""Refunds, disputes and early fraud warnings of payments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from enrollment.domain.book import Book
from enrollment.domain.facts import ChargeFacts, DisputeFacts, RefundFacts
from messaging.eventset.event import Event
from messaging.eventset.facts import Facts
from schemas.rules import (
    ChargeReport,
    Coverage,
    Dispute,
    DisputeReport,
    PaidLine,
    PaidState,
    Refund,
    RefundReport,
    cover,
    read_disputes,
    read_refunds,
)


@dataclass(slots=True)
class PaymentHistory:
    """The events after one payment, and their effect."""

    refunds: tuple[Refund, ...] = ()
    """All refunds, also those that never succeeded or were undone (`schemas.rules.refunds`)."""
    disputes: tuple[Dispute, ...] = ()
    flagged: bool = False
    """An early fraud warning was issued."""
    warning_open: bool = False
    """An early fraud warning is still actionable."""
    events: list[Event[Facts]] = field(default_factory=list)

    def coverage(self, lines: Sequence[PaidLine], currency: str) -> Coverage:
        """Return what refunds and disputes took of the lines that the payment paid."""
        return cover(lines, self.refunds, self.disputes, currency)


NO_HISTORY = PaymentHistory()


def state_of_whole(histories: Sequence[PaymentHistory], amount: int, currency: str) -> PaidState:
    """Return the state of what these payments paid together, seen as one line of this amount."""
    refunds = [refund for each in histories for refund in each.refunds]
    disputes = [dispute for each in histories for dispute in each.disputes]
    return cover([PaidLine("", amount)], refunds, disputes, currency).state


def payment_histories(book: Book) -> dict[str, PaymentHistory]:
    """Return what followed each payment, by payment intent; payments without such events are left out."""
    result: dict[str, PaymentHistory] = defaultdict(PaymentHistory)
    reports: dict[str, list[RefundReport]] = defaultdict(list)
    charges: dict[str, list[ChargeReport]] = defaultdict(list)
    for refunds in book.refunds.values():
        intent = _intent(book, refunds)
        if intent is None:
            continue
        result[intent].events += refunds
        reports[intent] += map(_report, refunds)
    stating: dict[str, list[Event[Facts]]] = defaultdict(list)
    for of_charge in book.charges.values():
        intent = _intent(book, of_charge)
        if intent is not None and any(event.facts.amount_returned for event in of_charge):
            stating[intent] += of_charge
            charges[intent] += map(_charge_report, of_charge)
    for intent in reports.keys() | charges.keys():
        known = {report.refund_id for report in reports[intent]}
        result[intent].refunds = read_refunds(reports[intent], charges[intent])
        if any(refund.refund_id not in known for refund in result[intent].refunds):
            result[intent].events += stating[intent]
    for disputes in book.disputes.values():
        intent = _intent(book, disputes)
        if intent is None:
            continue
        result[intent].events += disputes
        result[intent].disputes += read_disputes(map(_dispute_report, disputes))
    for warnings in book.warnings.values():
        intent = _intent(book, warnings)
        if intent is None:
            continue
        result[intent].events += warnings
        result[intent].flagged = True
        result[intent].warning_open |= warnings[-1].facts.actionable
    return dict(result)


def _report(event: Event[RefundFacts]) -> RefundReport:
    return RefundReport.of(
        event.facts, refund_id=event.object_id or event.id, at=event.created, status=event.status
    )


def _dispute_report(event: Event[DisputeFacts]) -> DisputeReport:
    return DisputeReport.of(
        event.facts, dispute_id=event.object_id or event.id, at=event.created, status=event.status
    )


def _charge_report(event: Event[ChargeFacts]) -> ChargeReport:
    return ChargeReport.of(event.facts, charge_id=event.object_id or event.id, at=event.created)


def _intent(book: Book, events: Sequence[Event[Facts]]) -> str | None:
    return next((found for event in events if (found := book.intent_of(event))), None)
