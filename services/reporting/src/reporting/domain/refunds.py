"""The rows of refunds in the ledger of a paid order. Pure.

`schemas.rules.refunds` decides when a refund counts and which lines it covers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from messaging.eventset.event import Event, has_facts
from reporting.domain.facts import ChargeFacts, MoneyEvent, RefundFacts
from reporting.domain.ledger import MoneyLine
from schemas.money import spread
from schemas.rules import (
    ChargeReport,
    Move,
    PaidLine,
    Refund,
    RefundReport,
    allocate,
    intents_of_charges,
    read_refunds,
)
from schemas.times import instant


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


def refund_rows(sold: Sequence[MoneyLine], refunds: Sequence[Refund]) -> Iterator[MoneyLine]:
    """Return a row for each line of a sale that a refund covers, dated when the refund succeeded.

    `sold` are the rows of the sale, `refunds` those of its payment by creation and id. A refund that fails or
    is canceled afterwards is reversed by rows of that date with exactly the opposite amounts.
    """
    lines = [PaidLine(line.line_id, _price(line) + line.tax, line.bundle_id) for line in sold]
    shares = allocate(lines, refunds, sold[0].currency).shares
    sale = {line.line_id: line for line in sold}
    standing: dict[str, dict[str, _Parts]] = {line.line_id: {} for line in sold}
    for refund, step, move in _moves(refunds, shares):
        for line_id, share in shares[refund.refund_id].items():
            if move.sign == 1:
                parts = _parts(sale[line_id], share, standing[line_id].values())
                standing[line_id][refund.refund_id] = parts
            else:
                parts = standing[line_id].pop(refund.refund_id)
            yield replace(
                sale[line_id],
                kind="refund" if move.sign == 1 else "refund_reversal",
                reference=refund.refund_id,
                step=step,
                occurred_at=instant(move.at),
                orders=0,
                units=0,
                gross=0,
                discount=0,
                refunded=move.sign * parts.price,
                tax=-move.sign * parts.tax,
            )


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


def _moves(refunds: Iterable[Refund], allocated: Mapping[str, object]) -> list[tuple[Refund, int, Move]]:
    """Return the moves of all allocated refunds, each with its number within the refund, in chronological
    order."""
    moves = [
        (refund, step, move)
        for refund in refunds
        if refund.refund_id in allocated
        for step, move in enumerate(refund.moves)
    ]
    return sorted(moves, key=lambda each: each[2].at)
