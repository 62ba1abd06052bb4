"""The rules of checkout, as pure functions: nothing in here reads a clock, a database or the network."""

from checkout.domain.order_state import (
    BOUGHT,
    HOLDING,
    LineState,
    OrderEvents,
    OrderRecord,
    OrderState,
    RecordedLine,
    State,
    access_ends_at,
    holds,
)
from checkout.domain.orders import derive_state, group_events
from checkout.domain.returned import promised_amount

__all__ = [
    "BOUGHT",
    "HOLDING",
    "LineState",
    "OrderEvents",
    "OrderRecord",
    "OrderState",
    "RecordedLine",
    "State",
    "access_ends_at",
    "derive_state",
    "group_events",
    "holds",
    "promised_amount",
]
