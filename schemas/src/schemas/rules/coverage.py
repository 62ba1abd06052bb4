"""How refunds and disputes together cover the lines of a paid order.

A dispute over a part of a payment is treated like a refund of that part: both are allocated to the lines by
one rule (`schemas.rules.refunds`), each against what those before it left. A lost dispute takes the money and
the access permanently, an open one until it is decided. Amounts are in minor units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.rules.disputes import Dispute, DisputeEffect
from schemas.rules.refund_history import Refund
from schemas.rules.refunds import PaidLine, allocate, left_after

PaidState = Literal["paid", "partially_refunded", "refunded", "disputed", "charged_back"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What refunds and disputes took of a paid order. The three sets of line ids have no line in common."""

    state: PaidState
    """refunded, charged_back or disputed: nothing is left after refunds, after lost disputes, or until open
    ones are decided. partially_refunded: refunds or lost disputes took a part."""
    shares: Mapping[str, Mapping[str, int]]
    """Id of the refund or dispute -> line id -> share, each above 0; also of those that were undone."""
    refunded_amounts: Mapping[str, int]
    """Line id -> what the refunds that stand took of it."""
    disputed_amount: int
    """What disputes hold or have taken."""
    refunded: frozenset[str]
    """The lines that refunds end."""
    charged_back: frozenset[str]
    """The lines that lost disputes end."""
    withheld: frozenset[str]
    """The lines that open disputes suspend."""


def cover(
    lines: Sequence[PaidLine], refunds: Sequence[Refund], disputes: Sequence[Dispute], currency: str
) -> Coverage:
    """Return how the refunds and disputes of one payment cover the lines of the order that it paid.

    Amounts in another currency: a refund does not count, a dispute counts as one over the whole payment.
    """
    paid = sum(line.amount for line in lines)
    taken = sum(each.amount for each in refunds if each.stands and each.currency.lower() == currency.lower())
    claims = [(each.effect, each.as_refund(currency, max(paid - taken, 0))) for each in disputes]
    allocations = allocate(lines, [*refunds, *(claim for _, claim in claims)], currency)
    lost = [claim for effect, claim in claims if effect is DisputeEffect.LOST]
    after_refunds, refunded = left_after(lines, allocations, refunds)
    after_lost, charged_back = left_after(lines, allocations, [*refunds, *lost])
    return Coverage(
        state=_state(
            paid, *(sum(left.values()) for left in (after_refunds, after_lost, allocations.remaining))
        ),
        shares=allocations.shares,
        refunded_amounts={line.line_id: line.amount - after_refunds[line.line_id] for line in lines},
        disputed_amount=sum(claim.amount for _, claim in claims if claim.stands),
        refunded=refunded,
        charged_back=charged_back - refunded,
        withheld=allocations.lost - charged_back - refunded,
    )


def _state(paid: int, after_refunds: int, after_lost: int, remaining: int) -> PaidState:
    if after_lost == paid:
        return "disputed" if paid and not remaining else "paid"
    if not after_refunds:
        return "refunded"
    if not after_lost:
        return "charged_back"
    return "partially_refunded" if remaining else "disputed"
