"""How refunds move: when one counts, when it is taken back, and which order lines carry it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from messaging.eventset.event import Event
from schemas.money import spread
from schemas.times import instant

REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
UNDONE = frozenset({"failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Step:
    """A refund that succeeded (`sign` 1) or that failed or was canceled after it had succeeded (`sign`
    -1)."""

    refund_id: str
    number: int
    sign: int
    at: datetime
    payment_id: str
    currency: str
    amount: int
    lines: tuple[str, ...]  # the order lines it is meant for; empty: all of them


def refund_steps(events: Sequence[Event]) -> list[Step]:
    """Each change of what was paid back, in chronological order. Pending refunds have not moved money yet."""
    steps: list[Step] = []
    latest: dict[str, Step] = {}
    for event in events:
        if event.type not in REFUND_EVENTS:
            continue
        facts = event.facts
        refund_id, status = facts["refund_id"], facts["status"]
        before = latest.get(refund_id)
        counted = before is not None and before.sign > 0
        if (status == "succeeded" and not counted) or (status in UNDONE and counted):
            step = Step(
                refund_id=refund_id,
                number=before.number + 1 if before else 0,
                sign=-1 if counted else 1,
                at=instant(event.created),
                payment_id=facts["payment_id"],
                currency=facts["currency"],
                amount=before.amount if before and counted else facts["amount"],
                lines=tuple(facts.get("lines", ())),
            )
            latest[refund_id] = step
            steps.append(step)
    return steps


def spread_over_lines(
    steps: Sequence[Step], paid: Mapping[str, int]
) -> Iterator[tuple[Step, Mapping[str, int]]]:
    """Share each refund among order lines in proportion to what is left of them; the shares sum exactly.

    `paid` maps line id to what was paid for it. What earlier refunds took from a line no longer counts, so
    two halves make a whole on every line. A reversal gives back exactly what its refund took.
    """
    left = dict(paid)
    taken: dict[str, Mapping[str, int]] = {}
    for step in steps:
        if step.sign > 0:
            meant = [line for line in step.lines if line in left] or list(left)
            weights = [max(left[line], 0) for line in meant]
            if not any(weights):
                weights = [paid[line] for line in meant]
            taken[step.refund_id] = dict(zip(meant, spread(step.amount, weights), strict=True))
        shares = taken[step.refund_id]
        for line, amount in shares.items():
            left[line] -= step.sign * amount
        yield step, shares
