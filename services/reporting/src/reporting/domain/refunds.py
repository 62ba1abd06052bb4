"""The rows that refunds add to the ledger of a paid order. Pure.

When a refund counts and which lines it covers is decided by `schemas.rules.refunds`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from messaging.eventset.event import Event
from reporting.domain.ledger import MoneyLine
from schemas.rules import Move, PaidLine, Refund, RefundReport, allocate, read_refunds
from schemas.times import instant

REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})


def refunds_by_payment(events: Iterable[Event]) -> dict[str, tuple[Refund, ...]]:
    """Return the refunds of each payment id, by creation and id, from events in chronological order."""
    reports: dict[str, list[RefundReport]] = defaultdict(list)
    for event in events:
        if event.type in REFUND_EVENTS:
            reports[event.facts["payment_id"]].append(_report(event))
    return {payment_id: read_refunds(found) for payment_id, found in reports.items()}


def _report(event: Event) -> RefundReport:
    facts = event.facts
    return RefundReport(
        refund_id=facts["refund_id"],
        at=event.created,
        status=facts["status"],
        amount=facts["amount"],
        currency=facts["currency"],
        created=facts.get("created"),  # events stored by earlier releases do not have it
        line_ids=tuple(facts.get("lines", ())),
    )


def refund_rows(sold: Sequence[MoneyLine], refunds: Sequence[Refund]) -> Iterator[MoneyLine]:
    """Return a row for each line of a sale that a refund covers, dated when the refund succeeded.

    `sold` are the rows of the sale, `refunds` those of its payment by creation and id. A refund that fails or
    is canceled afterwards is reversed by rows of that date, which return exactly what its rows took.
    """
    lines = [PaidLine(line.line_id, line.gross - line.discount, line.bundle_id) for line in sold]
    shares = allocate(lines, refunds, sold[0].currency).shares
    sale = {line.line_id: line for line in sold}
    for refund, step, move in _moves(refunds, shares):
        for line_id, share in shares[refund.refund_id].items():
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
                refunded=move.sign * share,
            )


def _moves(refunds: Iterable[Refund], allocated: Mapping[str, object]) -> list[tuple[Refund, int, Move]]:
    """The moves of the refunds that were allocated, with their number within the refund, in chronological
    order."""
    moves = [
        (refund, step, move)
        for refund in refunds
        if refund.refund_id in allocated
        for step, move in enumerate(refund.moves)
    ]
    return sorted(moves, key=lambda each: each[2].at)
