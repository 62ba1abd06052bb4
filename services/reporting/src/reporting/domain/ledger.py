"""The rows of the ledger. Pure.

Amounts are integers in the currency's minor unit, and amounts of different currencies are never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LineKind = Literal[
    "sale", "refund", "refund_reversal", "dispute_withdrawn", "dispute_reinstated", "dispute_fee"
]
Reason = Literal[
    "foreign",  # the payment names no order: another application, or a payment link
    "order_unknown",  # the payment names an order that is not known, or not known yet
    "session_missing",  # the order is known, but no settled session of this payment is
    "payment_missing",  # the session reports money, but no payment intent
    "session_unknown",  # the session names the order, but checkout did not make it
    "currency_mismatch",  # the session's currency differs from the order's
    "amount_mismatch",  # the session's amount before tax differs from the order's
    "paid_again",  # another payment paid this order before
]


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One row of the sales ledger. A report is the plain sum of the rows of one currency.

    `orders` is 1 on the first line of a sale and 0 elsewhere. `refunded` is positive on a refund and negative
    on its reversal; `disputed` is positive when a dispute takes money and negative when it comes back. `tax`
    is the tax that was added on top of the prices: positive on a sale, negative on a refund or dispute,
    positive when that is reversed. The other amounts are without it: net revenue of a row is
    gross - discount - refunded - disputed, and net revenue plus tax is the buyer's money that moved.

    `fee` is what Stripe charged for a dispute, on a row of its own: it may be in another currency.
    """

    order_id: str
    line_id: str
    kind: LineKind
    reference: str  # the session that settled the sale, or the refund or dispute
    step: int  # number of the move within the refund or dispute, which can take money more than once
    occurred_at: datetime
    currency: str
    orders: int
    units: int
    gross: int
    discount: int
    refunded: int
    course_id: str | None
    bundle_id: str | None
    plan_id: str | None
    category: str | None
    title: str | None
    country: str | None
    user_id: str
    payment_id: str
    tax: int
    disputed: int = 0
    fee: int = 0


@dataclass(frozen=True, slots=True)
class UnattributedPayment:
    """Money that was received and is not booked on an order line.

    `expected_*` is the amount of the order, before tax; None if no order is known.
    """

    payment_id: str
    reason: Reason
    order_id: str | None
    received_at: datetime
    currency: str
    amount: int
    refunded: int
    expected_currency: str | None = None
    expected_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All rows of one owner."""

    lines: tuple[MoneyLine, ...] = ()
    unattributed: tuple[UnattributedPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class Sales:
    """Sums of ledger rows of one currency."""

    orders: int = 0
    units: int = 0
    gross: int = 0
    discounts: int = 0
    refunds: int = 0
    tax: int = 0
    disputes: int = 0
    dispute_fees: int = 0

    @property
    def net(self) -> int:
        """Net revenue, without tax and fees."""
        return self.gross - self.discounts - self.refunds - self.disputes
