"""How refunds are allocated to the lines of an order.

A refund that counts (`schemas.rules.refund_history`) is allocated to lines once, against what the refunds
before it had left, and keeps its shares: mails that were sent and closed periods of a report stay true,
whatever happens to other refunds later. Amounts are in minor units.

`examples/rules/refunds.toml` has an example for each case.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.money import spread
from schemas.rules.refund_history import SECOND, Refund, by_creation


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line of a paid order. `line_id` is unique within the order."""

    line_id: str
    amount: int
    """What was paid for it, with tax (`schemas.rules.sessions.paid_by_line`)."""
    bundle_id: str | None = None


@dataclass(frozen=True, slots=True)
class Allocations:
    """How the refunds of an order cover its lines."""

    shares: Mapping[str, Mapping[str, int]]
    """Refund id -> line id -> share, each above 0. The shares of a refund sum to its amount exactly. Refunds
    that were undone keep their shares here: a reversal returns exactly these."""
    remaining: Mapping[str, int]
    """Line id -> what is left of it after the refunds that stand; never negative."""
    lost: frozenset[str]
    """The ids of the lines that lose access."""


def allocate(lines: Sequence[PaidLine], refunds: Iterable[Refund], currency: str) -> Allocations:
    """Allocate the refunds of one payment to the lines of the order that it paid.

    Refunds that never succeeded and refunds in another currency do not count. The others are allocated one by
    one, by creation and id:

    1. A refund is for the lines that it names, or for all lines if it names none of this order.
    2. If it equals what is left of all these lines, each gets all that is left of it.
    3. If it is smaller and equals what is left of exactly one of them, or of one bundle, that one gets it.
    4. If it is smaller otherwise, it is spread in proportion to what is left.
    5. If it is larger, each gets all that is left of it. The surplus is spread over the other lines in
       proportion to what is left of them, and what exceeds these in proportion to what was paid.

    What is left of a line is what was paid for it less the shares of earlier refunds; one that was undone
    before this refund was created, or in the same second, does not count.

    A paid line loses access when nothing is left of it. A free line loses access with the paid lines of its
    bundle, or with all paid lines if its bundle has none; also when a refund names it and nothing is left of
    all lines that this refund names.
    """
    counted = {r.refund_id: r for r in refunds if r.moves and r.currency.lower() == currency.lower()}
    ordered = sorted(counted.values(), key=by_creation)
    shares: dict[str, dict[str, int]] = {}
    for place, refund in enumerate(ordered):
        before = [earlier for earlier in ordered[:place] if _counts_for(earlier, refund)]
        shares[refund.refund_id] = _shares(refund, lines, _left(lines, before, shares))
    standing = [refund for refund in ordered if refund.stands]
    remaining = _left(lines, standing, shares)
    return Allocations(shares, remaining, _lost(lines, standing, remaining))


def left_after(
    lines: Sequence[PaidLine], allocations: Allocations, refunds: Iterable[Refund]
) -> tuple[Mapping[str, int], frozenset[str]]:
    """Return what is left of each line if only these of the allocated refunds stand, and which lines lose
    access."""
    standing = [refund for refund in refunds if refund.stands and refund.refund_id in allocations.shares]
    remaining = _left(lines, standing, allocations.shares)
    return remaining, _lost(lines, standing, remaining)


def _counts_for(earlier: Refund, refund: Refund) -> bool:
    undone_at = earlier.undone_at
    return undone_at is None or undone_at // SECOND > refund.created


def _left(
    lines: Sequence[PaidLine], refunds: Sequence[Refund], shares: Mapping[str, Mapping[str, int]]
) -> dict[str, int]:
    left = {line.line_id: line.amount for line in lines}
    for refund in refunds:
        for line_id, share in shares[refund.refund_id].items():
            left[line_id] -= share
    return {line_id: max(amount, 0) for line_id, amount in left.items()}


def _shares(refund: Refund, lines: Sequence[PaidLine], left: Mapping[str, int]) -> dict[str, int]:
    meant = [line for line in lines if line.line_id in refund.line_ids] or lines
    surplus = refund.amount - sum(left[line.line_id] for line in meant)
    if surplus < 0:
        return _part(refund.amount, meant, left)
    shares = {line.line_id: left[line.line_id] for line in meant}
    others = [line.line_id for line in lines if line.line_id not in shares]
    within = min(surplus, sum(left[line_id] for line_id in others))
    # No search for an equal line here: a surplus must not take a course by coincidence.
    _add(shares, others, spread(within, [left[line_id] for line_id in others]))
    _add(shares, [line.line_id for line in lines], spread(surplus - within, [line.amount for line in lines]))
    return {line_id: share for line_id, share in shares.items() if share}


def _add(shares: dict[str, int], line_ids: Sequence[str], parts: Sequence[int]) -> None:
    for line_id, part in zip(line_ids, parts, strict=True):
        shares[line_id] = shares.get(line_id, 0) + part


def _part(amount: int, meant: Sequence[PaidLine], left: Mapping[str, int]) -> dict[str, int]:
    """The shares of an amount that is smaller than what is left of the lines that are meant."""
    equal = {unit for unit in _units(meant, left) if sum(left[line_id] for line_id in unit) == amount}
    if len(equal) == 1:
        return {line_id: left[line_id] for line_id in equal.pop()}
    parts = spread(amount, [left[line.line_id] for line in meant])
    return {line.line_id: part for line, part in zip(meant, parts, strict=True) if part}


def _units(lines: Sequence[PaidLine], left: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """What a buyer sees as one item: each line, and the lines of each bundle; of what is not empty yet."""
    bundles: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if left[line.line_id]:
            yield (line.line_id,)
            if line.bundle_id is not None:
                bundles[line.bundle_id].append(line.line_id)
    yield from map(tuple, bundles.values())


def _lost(
    lines: Sequence[PaidLine], standing: Sequence[Refund], remaining: Mapping[str, int]
) -> frozenset[str]:
    if not standing:
        return frozenset()
    empty = {line.line_id for line in lines if line.amount and not remaining[line.line_id]}
    emptied = [
        refund.line_ids
        for refund in standing
        if not any(remaining.get(line_id, 0) for line_id in refund.line_ids)
    ]
    named = {line_id for line_ids in emptied for line_id in line_ids}
    free = {
        line.line_id
        for line in lines
        if not line.amount and (line.line_id in named or _goes_with(line, lines, empty))
    }
    return frozenset(empty | free)


def _goes_with(free: PaidLine, lines: Sequence[PaidLine], empty: Collection[str]) -> bool:
    """Whether nothing is left of the paid lines that a free line belongs to."""
    paid = [line for line in lines if line.amount]
    bundle = [line for line in paid if free.bundle_id is not None and line.bundle_id == free.bundle_id]
    return bool(paid) and all(line.line_id in empty for line in bundle or paid)
