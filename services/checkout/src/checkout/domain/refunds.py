"""A refund that was requested here, and its progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.rules import line_ids_metadata, origin_metadata

DUPLICATE = "duplicate"
"""The reason of a refund that checkout makes automatically; Stripe has the same reason."""

STRIPE_REASONS = frozenset({DUPLICATE, "requested_by_customer"})
"""Our reasons that Stripe knows as well. Its third, fraudulent, would put the buyer on a block list."""

PLANNED = "planned"
"""Announced as a duplicate; not decided yet."""
DROPPED = "dropped"
"""It was planned, and is no longer needed."""
REQUESTED = "requested"
REFUSED = "refused"
UNFINISHED = frozenset({PLANNED, REQUESTED, REFUSED})
"""An automatic refund with this status is still to be decided, requested or answered."""
ANSWERED_LATER = frozenset({"pending", "requires_action"})
"""Stripe has made the refund, and the bank has not confirmed it."""
PROMISED = ANSWERED_LATER | {REQUESTED}
"""Stripe may have made the refund, so its amount cannot be refunded again."""
SUCCEEDED = "succeeded"
ENDED = frozenset({SUCCEEDED, "canceled", DROPPED})
"""Completed, or not needed: nothing is left to do."""
REPEATABLE = frozenset({PLANNED, DROPPED, REFUSED, "failed", "canceled"})
"""Nothing is refunded and nothing is pending: it may be requested (again), with a new key."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund in a currency's minor unit; `status` is one of the above, or Stripe's.

    `line_ids`: the order lines to refund; empty: the rule decides from the amount.
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


@dataclass(frozen=True, slots=True)
class Reserved:
    """A refund that was requested here and not given up; `stripe_refund_id` is None until Stripe answers."""

    refund_id: str
    stripe_refund_id: str | None
    amount: int
    requested_at: datetime


def idempotency_key(request: RefundRequest) -> str:
    """The key of one attempt: Stripe executes it once, however often it is asked."""
    return f"{request.refund_id}:{request.attempt}"


def metadata(request: RefundRequest) -> dict[str, str]:
    """Return the metadata of the refund at Stripe, which other services read in its events.

    The lines are named whenever they are known: the amount alone may equal more than one line.
    """
    return {
        **origin_metadata(request.order_id),
        "refund_id": request.refund_id,
        "reason": request.reason,
        **line_ids_metadata(request.line_ids),
    }
