"""The ledger's rows as the rules make them. Pure.

Amounts are integers in the currency's minor unit, and amounts of different currencies are never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LineKind = Literal["sale", "refund", "refund_reversal"]
Reason = Literal[
    "foreign",  # no order of ours is named: another application, a payment link
    "order_unknown",  # an order is named that checkout never placed (or its event is still to come)
    "session_missing",  # our order, but no paid session has been seen for this payment
    "currency_mismatch",  # the paid session's currency is not the order's
    "amount_mismatch",  # the paid session's amount is not the order's
    "paid_again",  # another payment already paid this order
]


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One row of the sales ledger. A report is the plain sum of the rows of one currency.

    `orders` is 1 on the first line of a sale and 0 elsewhere. `refunded` is positive on a refund and negative
    on its reversal. `tax` is the tax that was added on top of the prices: positive on a sale, negative on a
    refund, positive on its reversal. The other amounts are without it: net revenue of a row is
    gross - discount - refunded, and net revenue plus tax is the money that moved.
    """

    order_id: str
    line_id: str
    kind: LineKind
    reference: str  # the session that settled the sale, or the refund
    step: int  # tells the rows of one refund apart when it succeeded, failed and succeeded again
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


@dataclass(frozen=True, slots=True)
class UnattributedPayment:
    """Money that arrived and stands on no order line; `expected_*` is what the order asked for, if there is
    one."""

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
    """Everything that reporting believes about one owner."""

    lines: tuple[MoneyLine, ...] = ()
    unattributed: tuple[UnattributedPayment, ...] = ()
