"""An order as checkout's rules see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from checkout.domain.lines import Line, LineKind
from checkout.domain.order import Order

RAGAS = Line(
    position=1,
    kind=LineKind.COURSE,
    title="Ragas for beginners",
    list_amount=12_500,
    course_id="ragas",
    description="Morning and evening ragas.",
    category="Music",
)
_ORDER = Order(
    order_id="ord_1",
    user_id="usr_1",
    email="asha@example.com",
    locale="de-AT",
    currency="kwd",
    lines=(RAGAS,),
    terms_version="2026-01",
    terms_accepted_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    success_url="https://shop.example/done?order=ord_1",
    cancel_url="https://shop.example/cancel",
    customer_id=None,
    attempt=1,
    session_expires_at=datetime(2026, 1, 2, tzinfo=UTC),
    session_id=None,
    state="open",
)


def an_order(**changes: Any) -> Order:
    """An open order of one course for 12.500 KWD, with these changes."""
    return replace(_ORDER, **changes)
