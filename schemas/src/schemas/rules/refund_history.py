"""When a refund counts: from the moment when it succeeds until it fails or is canceled afterwards.

What a charge states to be refunded is a floor: as much was refunded at the time of its event. What the known
refunds leave of it is a refund that no event has named. It disappears when events name it, in any order of
arrival. Amounts are in minor units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Literal

from schemas.rules.refund_reports import ChargeReport, RefundReport

UNDONE = frozenset({"failed", "canceled"})
"""The statuses in which a refund moves no money, or no longer."""
SECOND = 1_000_000

_Reports = Mapping[str, Sequence[RefundReport]]


@dataclass(frozen=True, slots=True)
class Move:
    """Money of a refund that moved: to the buyer (sign 1), or back (sign -1). `at` is in microseconds."""

    sign: Literal[1, -1]
    at: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund and its history. `created` is in seconds since the epoch."""

    refund_id: str
    created: int
    amount: int
    currency: str
    line_ids: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    """In chronological order; empty if the refund never succeeded."""
    unnamed: bool = False
    """Whether only its charge reports it. Then its id is ours, made from what the charge states."""

    @property
    def stands(self) -> bool:
        """Whether the buyer has the money."""
        return bool(self.moves) and self.moves[-1].sign == 1

    @property
    def undone_at(self) -> int | None:
        """When the refund failed or was canceled after it had succeeded, in microseconds; else None."""
        return self.moves[-1].at if self.moves and self.moves[-1].sign == -1 else None


def read_refunds(reports: Iterable[RefundReport], charges: Iterable[ChargeReport] = ()) -> tuple[Refund, ...]:
    """Return the refunds of one payment, or of several without `charges`, by creation and id.

    `reports` are about the refunds, in chronological order (`messaging.eventset.event.chronological`);
    `charges` are about the charges of the payment, in any order. A refund has the amount and currency of its
    first success, and the lines that the newest report names.
    """
    charges = list(charges)
    known = _by_refund(reports, charges)
    return tuple(sorted([*map(_refund, known.values()), *_unnamed(known, charges)], key=by_creation))


def replaced_unnamed(
    refund: Refund, reports: Sequence[RefundReport], charges: Sequence[ChargeReport]
) -> frozenset[str]:
    """Return the ids of the unnamed refunds that this refund stands for, now that events name it.

    These are the unnamed refunds of its amount that there were if no event named it.
    """
    known = _by_refund(reports, charges)
    remaining = {each.refund_id for each in _unnamed(known, charges)}
    others = {refund_id: found for refund_id, found in known.items() if refund_id != refund.refund_id}
    return frozenset(
        each.refund_id
        for each in _unnamed(others, charges)
        if each.amount == refund.amount and each.refund_id not in remaining
    )


def by_creation(refund: Refund) -> tuple[int, str]:
    """The order in which refunds are allocated."""
    return refund.created, refund.refund_id


def _by_refund(reports: Iterable[RefundReport], charges: Iterable[ChargeReport]) -> _Reports:
    """The reports of each refund in chronological order, with those of charges that list it."""
    listed = [report for charge in charges for report in charge.listed()]
    found: dict[str, list[RefundReport]] = defaultdict(list)
    # Of the same second, the refund's own events come last: they tell of each change.
    for report in sorted([*listed, *reports], key=lambda report: report.at) if listed else reports:
        found[report.refund_id].append(report)
    return found


def _refund(reports: Sequence[RefundReport]) -> Refund:
    moves: list[Move] = []
    counted = reports[-1]
    for report in reports:
        stands = bool(moves) and moves[-1].sign == 1
        if report.status == "succeeded" and not stands:
            counted = counted if moves else report
            moves.append(Move(1, report.at))
        elif report.status in UNDONE and stands:
            moves.append(Move(-1, report.at))
    return Refund(
        refund_id=counted.refund_id,
        created=_created(reports),
        amount=counted.amount,
        currency=counted.currency,
        line_ids=reports[-1].line_ids,
        moves=tuple(moves),
    )


def _created(reports: Sequence[RefundReport]) -> int:
    created = next((report.created for report in reports if report.created is not None), None)
    return min(report.at for report in reports) // SECOND if created is None else created


def _unnamed(known: _Reports, charges: Sequence[ChargeReport]) -> Iterator[Refund]:
    """The refunds that only charges report.

    An event that states more than the known refunds adds one of the difference. If a later event states
    less, the newest of these are undone at its time, and one that it covers in part becomes smaller.
    """
    stated: dict[str, int] = {}
    standing: list[Refund] = []
    named: Counter[str] = Counter()
    # Of the same second, the event that states more is the later one: a refund takes longer to fail.
    for charge in sorted(charges, key=attrgetter("at", "amount_returned")):
        if charge.currency is None:
            continue
        stated[charge.charge_id] = charge.amount_returned
        unknown = sum(stated.values()) - _known_at(charge, known)
        surplus = sum(refund.amount for refund in standing) - unknown
        while surplus > 0 and standing:
            newest = standing.pop()
            less = min(newest.amount, surplus)
            surplus -= less
            if less < newest.amount:
                standing.append(replace(newest, amount=newest.amount - less))
            else:
                yield replace(newest, moves=(*newest.moves, Move(-1, charge.at)))
        if surplus < 0:
            # Made from what is stated, not from the event: another event that states it is about the same.
            name = f"{charge.charge_id}_refunded_{charge.amount_returned}"
            named[name] += 1
            again = f"_{named[name]}" if named[name] > 1 else ""
            moves = (Move(1, charge.at),)
            standing.append(
                Refund(
                    name + again, charge.at // SECOND, -surplus, charge.currency, moves=moves, unnamed=True
                )
            )
    yield from standing


def _known_at(charge: ChargeReport, known: _Reports) -> int:
    """How much of what charges state at this event is of known refunds. Stripe counts pending ones, too."""
    listed = {refund.refund_id: refund.status for refund in charge.refunds}
    total = 0
    for refund_id, reports in known.items():
        # An event of the same second may have come after that of the charge.
        before = [report.status for report in reports if report.at < charge.at]
        status = listed.get(refund_id, before[-1] if before else None)
        if _created(reports) <= charge.at // SECOND and status not in UNDONE:
            total += reports[-1].amount
    return total
