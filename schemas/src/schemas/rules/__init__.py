"""What money means: one rule for each question that more than one service asks. Pure, without I/O.

| question | rule |
|---|---|
| Whose is an object at Stripe, and which order and user does it name? | `origin` |
| Which payment is an event about? | `links` |
| Is a session settled, for which order is it, and does it pay the order? | `sessions` |
| What do events report of refunds, and when does a refund count? | `refund_reports`, `refund_history` |
| Which lines does a refund cover, and which lose access? | `refunds` |
| Which lines does a refund name? | `refund_lines` |
| When has a payment that is on its way ended without money? | `unpaid` |
| What does a dispute do to its payment, and when? | `disputes` |
| What do refunds and disputes together take of an order? | `coverage` |
"""

from schemas.rules.coverage import Coverage, PaidState, cover
from schemas.rules.disputes import (
    DISPUTE_EVENTS,
    ENDED_DISPUTES,
    Booking,
    Dispute,
    DisputeEffect,
    DisputeReport,
    dispute_effect,
    read_disputes,
)
from schemas.rules.links import intent_of, intents_of_charges
from schemas.rules.origin import origin_metadata, origin_of
from schemas.rules.refund_history import Move, Refund, read_refunds, replaced_unnamed
from schemas.rules.refund_lines import line_ids_metadata, line_ids_of
from schemas.rules.refund_reports import ChargeReport, ListedRefund, RefundReport
from schemas.rules.refunds import Allocations, PaidLine, allocate
from schemas.rules.sessions import (
    Mismatch,
    SessionState,
    is_complete,
    is_settled,
    mismatch,
    names_order,
    paid_by_line,
    payment_mismatch,
)
from schemas.rules.unpaid import ended_unpaid

__all__ = [
    "DISPUTE_EVENTS",
    "ENDED_DISPUTES",
    "Allocations",
    "Booking",
    "ChargeReport",
    "Coverage",
    "Dispute",
    "DisputeEffect",
    "DisputeReport",
    "ListedRefund",
    "Mismatch",
    "Move",
    "PaidLine",
    "PaidState",
    "Refund",
    "RefundReport",
    "SessionState",
    "allocate",
    "cover",
    "dispute_effect",
    "ended_unpaid",
    "intent_of",
    "intents_of_charges",
    "is_complete",
    "is_settled",
    "line_ids_metadata",
    "line_ids_of",
    "mismatch",
    "names_order",
    "origin_metadata",
    "origin_of",
    "paid_by_line",
    "payment_mismatch",
    "read_disputes",
    "read_refunds",
    "replaced_unnamed",
]
