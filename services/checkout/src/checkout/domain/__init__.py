"""The rules of checkout, as pure functions: nothing in here reads a clock, a database or the network."""

from checkout.domain.orders import (
    BOUGHT,
    HOLDING,
    OrderRecord,
    Standing,
    State,
    Story,
    access_ends_at,
    holds,
    judge,
    moment,
    tell,
)

__all__ = [
    "BOUGHT",
    "HOLDING",
    "OrderRecord",
    "Standing",
    "State",
    "Story",
    "access_ends_at",
    "holds",
    "judge",
    "moment",
    "tell",
]
