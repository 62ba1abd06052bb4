"""Which lines of an order a sum of money gives back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; `amount` is what was paid for it, in minor units."""

    line_id: str
    course_id: str | None
    amount: int
    access_days: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that has gone back; `line_ids` names the lines it is for, empty when nobody said."""

    amount: int
    line_ids: tuple[str, ...] = ()


def refunded_lines(lines: Sequence[Line], refunds: Iterable[Refund]) -> frozenset[str]:
    """The lines that are fully refunded, and so lost. The refunds come in the order in which they were made.

    - All of the order's money: every line.
    - A refund that names lines counts towards those, and takes each one that it covers in full.
    - A refund that names none takes the line that costs exactly this. Otherwise it adds to what was given
      back without a line before, and that sum takes the dearest line that it covers, then the next.
    - A sum that covers no whole line takes nothing away: a goodwill refund costs nobody a course.
    """
    left = {line.line_id: line.amount for line in lines}
    loose = 0
    for refund in refunds:
        named = [line_id for line_id in refund.line_ids if line_id in left]
        if named:
            loose += _take_named(left, named, refund.amount)
        else:
            exact = next((line_id for line_id, amount in left.items() if amount == refund.amount > 0), None)
            if exact is not None:
                del left[exact]
            else:
                loose += refund.amount
            if not any(left.values()):
                # nothing that was paid for is left: what was free with it goes too
                left.clear()
        loose = _take(left, list(left), loose) if loose else 0
    return frozenset(line.line_id for line in lines if line.line_id not in left)


def _take_named(left: dict[str, int], named: list[str], amount: int) -> int:
    """Count `amount` towards the named lines; return what is more than they cost."""
    rest = _take(left, named, amount)
    for line_id in named:
        if line_id in left:
            part = min(rest, left[line_id])
            left[line_id] -= part
            rest -= part
    return rest


def _take(left: dict[str, int], candidates: list[str], amount: int) -> int:
    """Remove the lines that `amount` covers in full; return what is left of it."""
    whole = sum(left[line_id] for line_id in candidates)
    if amount >= whole:
        for line_id in candidates:
            del left[line_id]
        return amount - whole
    for line_id in sorted(candidates, key=lambda each: -left[each]):
        if 0 < left[line_id] <= amount:
            amount -= left.pop(line_id)
    return amount
