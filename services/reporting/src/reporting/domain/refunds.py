"""The rows of refunds and disputes in the ledger of a paid order. Pure.

`schemas.rules` decide when a refund or dispute counts and which lines it covers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from messaging.eventset.event import Event, has_facts
from reporting.domain.facts import ChargeFacts, DisputeFacts, MoneyEvent, RefundFacts
from reporting.domain.ledger import LineKind, MoneyLine
from schemas.money import spread
from schemas.rules import (
    Booking,
    ChargeReport,
    Dispute,
    DisputeReport,
    Move,
    PaidLine,
    Refund,
    RefundReport,
    cover,
    intents_of_charges,
    read_disputes,
    read_refunds,
)
from schemas.times import from_seconds, instant


@dataclass(frozen=True, slots=True)
class _Parts:
    """A refund's share of one line, split into the part of the price and the part of the tax on top."""

    price: int
    tax: int


def refunds_by_payment(events: Sequence[MoneyEvent]) -> dict[str, tuple[Refund, ...]]:
    """Return the refunds of each payment id, by creation and id, from events in chronological order.

    A refund that names only a charge is of the charge's payment intent, if an event names both. Refunds that
    only their charge reports are included.
    """
    intents = intents_of_charges(event.links for event in events)
    reports: dict[str, list[RefundReport]] = defaultdict(list)
    charges: dict[str, list[ChargeReport]] = defaultdict(list)
    for event in events:
        if has_facts(event, RefundFacts):
            payment_id = event.facts.payment_id
            reports[intents.get(payment_id, payment_id)].append(_report(event))
        elif has_facts(event, ChargeFacts):
            payment_id, charge_id = event.facts.payment_id, event.facts.charge_id
            charge = ChargeReport.of(event.facts, charge_id=charge_id, at=event.created)
            charges[intents.get(payment_id, payment_id)].append(charge)
    return {
        payment_id: read_refunds(reports[payment_id], charges[payment_id])
        for payment_id in sorted(reports.keys() | charges.keys())
    }


def _report(event: Event[RefundFacts]) -> RefundReport:
    facts = event.facts
    return RefundReport.of(facts, refund_id=facts.refund_id, at=event.created, status=facts.status)


def disputes_by_payment(events: Sequence[MoneyEvent]) -> dict[str, tuple[Dispute, ...]]:
    """Return the disputes of each payment id, by creation and id, from events in chronological order."""
    intents = intents_of_charges(event.links for event in events)
    reports: dict[str, list[DisputeReport]] = defaultdict(list)
    for event in events:
        if has_facts(event, DisputeFacts):
            payment_id = event.facts.payment_id
            report = DisputeReport.of(
                event.facts, dispute_id=event.facts.dispute_id, at=event.created, status=event.facts.status
            )
            reports[intents.get(payment_id, payment_id)].append(report)
    return {payment_id: read_disputes(found) for payment_id, found in reports.items()}


def returned_rows(
    sold: Sequence[MoneyLine], refunds: Sequence[Refund], disputes: Sequence[Dispute]
) -> Iterator[MoneyLine]:
    """Return a row for each line of a sale that a refund or dispute covers, dated when the money moved.

    `sold` are the rows of the sale; the others are of its payment by creation and id. What comes back (a
    refund that fails, a dispute that is won) is in rows of that date with exactly the opposite amounts.
    """
    lines = [PaidLine(line.line_id, _price(line) + line.tax, line.bundle_id) for line in sold]
    shares = cover(lines, refunds, disputes, sold[0].currency).shares
    sale = {line.line_id: line for line in sold}
    standing: dict[str, dict[str, _Parts]] = {line.line_id: {} for line in sold}
    for reference, kinds, step, move in _moves(refunds, disputes, shares):
        for line_id, share in shares[reference].items():
            if move.sign == 1:
                parts = _parts(sale[line_id], share, standing[line_id].values())
                standing[line_id][reference] = parts
            else:
                parts = standing[line_id].pop(reference)
            price, tax = move.sign * parts.price, -move.sign * parts.tax
            kind = kinds[0] if move.sign == 1 else kinds[1]
            row = _row(sale[line_id], kind, reference, step, instant(move.at), tax=tax)
            yield replace(row, refunded=price) if kinds is _REFUND else replace(row, disputed=price)
    for dispute in disputes:
        for step, booking in enumerate(dispute.bookings):
            yield from _fee_rows(sold, dispute, step, booking, shares.get(dispute.dispute_id, {}))


_Kinds = tuple[LineKind, LineKind]
_REFUND: _Kinds = ("refund", "refund_reversal")
_DISPUTE: _Kinds = ("dispute_withdrawn", "dispute_reinstated")


def _row(
    sale: MoneyLine,
    kind: LineKind,
    reference: str,
    step: int,
    when: datetime,
    *,
    tax: int = 0,
    fee: int = 0,
) -> MoneyLine:
    return replace(
        sale,
        kind=kind,
        reference=reference,
        step=step,
        occurred_at=when,
        orders=0,
        units=0,
        gross=0,
        discount=0,
        tax=tax,
        fee=fee,
    )


def _fee_rows(
    sold: Sequence[MoneyLine], dispute: Dispute, step: int, booking: Booking, shares: Mapping[str, int]
) -> Iterator[MoneyLine]:
    """The fee of a booking, spread over the lines that the dispute covers; over all, if it took nothing."""
    weights = [shares.get(line.line_id, 0) if shares else _price(line) + line.tax for line in sold]
    for line, fee in zip(sold, spread(booking.fee, weights), strict=True):
        if fee:
            row = _row(line, "dispute_fee", dispute.dispute_id, step, from_seconds(booking.at), fee=fee)
            yield replace(row, currency=booking.currency)


def _price(sale: MoneyLine) -> int:
    return sale.gross - sale.discount


def _parts(sale: MoneyLine, share: int, standing: Iterable[_Parts]) -> _Parts:
    """Split a share of a line into price and tax.

    The sum of the refunds that stand is split in the proportion of the line's price to its tax, rounded to
    whole units. When everything that was paid is refunded, so are exactly the price and the tax.
    """
    if sale.tax <= 0:
        return _Parts(share, 0)
    before = [*standing]
    price_before = sum(parts.price for parts in before)
    tax_before = sum(parts.tax for parts in before)
    refunded = price_before + tax_before + share
    price = spread(refunded, [_price(sale), sale.tax])[0] - price_before
    # Rounding after an undone refund can put the target outside this share by a unit.
    price = min(max(price, 0), share)
    return _Parts(price, share - price)


def _moves(
    refunds: Iterable[Refund], disputes: Iterable[Dispute], allocated: Mapping[str, object]
) -> list[tuple[str, _Kinds, int, Move]]:
    """Return the moves of all allocated refunds and disputes in chronological order: the id, the kinds of
    rows, and the number within the refund or dispute."""
    found = [(refund.refund_id, _REFUND, refund.moves) for refund in refunds]
    found += [(dispute.dispute_id, _DISPUTE, dispute.moves) for dispute in disputes]
    moves = [
        (reference, kinds, step, move)
        for reference, kinds, made in found
        if reference in allocated
        for step, move in enumerate(made)
    ]
    return sorted(moves, key=lambda each: each[3].at)
