"""A refund that was asked for here, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass

DUPLICATE = "duplicate"
"""The reason of a refund that checkout makes by itself; a word of Stripe's, too."""

STRIPE_REASONS = frozenset({DUPLICATE, "requested_by_customer"})
"""Our reasons that Stripe knows as well. Its third, fraudulent, would put the buyer on a block list."""

PLANNED = "planned"
"""Announced as a duplicate; nothing is decided yet, and nothing promised."""
DROPPED = "dropped"
"""It was planned, and there is no reason for it any more."""
REQUESTED = "requested"
REFUSED = "refused"
REPEATABLE = frozenset({PLANNED, DROPPED, REFUSED, "failed", "canceled"})
"""Nothing went back, and nothing is on its way: it may be asked for (again), with a new key."""

MAX_METADATA = 500
"""Characters that Stripe takes as a value of metadata."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund in a currency's minor unit; `status` is one of the above, or what Stripe says of it.

    `line_ids`: the lines of the order that it is meant for; empty: whatever the amount covers.
    """

    refund_id: str
    order_id: str
    reason: str
    amount: int
    currency: str
    status: str
    attempt: int
    payment_intent_id: str
    line_ids: Sequence[str] = ()


def idempotency_key(request: RefundRequest) -> str:
    """The key of one attempt: Stripe executes it once, however often it is asked."""
    return f"{request.refund_id}:{request.attempt}"


def metadata(request: RefundRequest) -> dict[str, str]:
    """What the refund says of itself at Stripe, and so to whoever reads its events."""
    told = {"order_id": request.order_id, "refund_id": request.refund_id, "reason": request.reason}
    lines = ",".join(request.line_ids)
    # One line needs no naming. So many that Stripe cannot hold their names are a whole order's: all money
    # going back means every line anyway.
    if len(request.line_ids) > 1 and len(lines) <= MAX_METADATA:
        told["line_ids"] = lines
    return told
