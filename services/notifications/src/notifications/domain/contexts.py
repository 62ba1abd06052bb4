"""What a mail shows: one struct per template. Amounts are in the currency's minor unit.

Contexts are stored as JSON with each delivery and rendered when the mail is sent or previewed, which may be
years and releases later. So a struct may change only as one of facts may: see `messaging.eventset.facts`.
"""

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import json

from messaging.eventset.facts import Facts
from notifications.domain.facts import LineFacts

Template = Literal["receipt", "refund"]


class ReceiptContext(Facts, frozen=True):
    """The receipt of an order. `total` is what was paid, `tax` the part that came on top of the prices.

    It states the present when it is sent, which may be long after the payment: an operator can resend it.
    """

    template: ClassVar[Template] = "receipt"

    order_id: str
    paid_at: datetime
    currency: str
    total: int
    lines: tuple[LineFacts, ...]
    tax: int = 0
    refunded: int = 0
    """What refunds have returned of it."""
    ended: tuple[str, ...] = ()
    """The ids of the lines whose access refunds or disputes have ended or suspended."""


class RefundedLine(LineFacts, frozen=True):
    """A line that a refund covers."""

    refunded: int | None = None
    """What is refunded of it; None if the refund is not of the payment that paid the order."""
    lost: bool = False
    """Whether this refund ends its access."""


class RefundContext(Facts, frozen=True):
    """A refund of `amount`. `duplicate` if it is for a duplicate purchase."""

    template: ClassVar[Template] = "refund"

    order_id: str
    refunded_at: datetime
    currency: str
    amount: int
    lines: tuple[RefundedLine, ...]
    duplicate: bool = False


Context = ReceiptContext | RefundContext

CONTEXT_OF: dict[str, type[Context]] = {kind.template: kind for kind in (ReceiptContext, RefundContext)}
"""The struct of each template."""


def decode(template: str, text: str) -> Context:
    """Return a stored context.

    Raises KeyError for an unknown template, and msgspec.ValidationError if the JSON does not match it.
    """
    return json.decode(text, type=CONTEXT_OF[template])
