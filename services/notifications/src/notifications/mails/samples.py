"""Sample content for previews. It shows all that the templates can show, except the notice on duplicates."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import asdict

from notifications.domain.contexts import Context, ReceiptContext, RefundContext, RefundedLine, Template
from notifications.domain.facts import LineFacts

_SITAR = LineFacts(
    line_id="line_1",
    kind="course",
    course_id="sitar-for-beginners",
    title="Sitar for beginners",
    list_amount=4900,
    discount_amount=980,
    access_days=None,
)
_RAGA = LineFacts(
    line_id="line_2",
    kind="course",
    course_id="raga-and-tala",
    title="Raga & tala: hearing the structure",
    list_amount=3500,
    discount_amount=0,
    access_days=365,
)

RECEIPT = ReceiptContext(
    order_id="ord_sample",
    paid_at=datetime(2026, 11, 2, 18, 20, tzinfo=UTC),
    currency="eur",
    total=8904,
    tax=1484,
    lines=(_SITAR, _RAGA),
)
REFUND = RefundContext(
    order_id="ord_sample",
    refunded_at=datetime(2026, 11, 9, 9, tzinfo=UTC),
    currency="eur",
    amount=5180,
    lines=(
        RefundedLine(**asdict(_SITAR), refunded=980),
        RefundedLine(**asdict(_RAGA), refunded=4200, lost=True),
    ),
)
SAMPLES: dict[Template, Context] = {"receipt": RECEIPT, "refund": REFUND}
