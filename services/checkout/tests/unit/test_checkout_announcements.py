"""The announcement of an order, field by field: other services rely on it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from checkout_orders import RAGAS, an_order

from checkout import announcements
from checkout.domain.lines import LineKind

AT = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
ORDER = an_order(lines=(replace(RAGAS, access_days=30),))

PLACED: dict[str, Any] = {
    "order_id": "ord_1",
    "user_id": "usr_1",
    "email": "asha@example.com",
    "locale": "de-AT",
    "country": None,
    "currency": "kwd",
    "terms": {"version": "2026-01", "accepted_at": "2026-01-01T12:00:00Z"},
    "promo_code": None,
    "session_id": "cs_1",
    "amount_total": 12_500,
    "lines": [
        {
            "line_id": "ord_1_1",
            "kind": "course",
            "course_id": "ragas",
            "bundle_id": None,
            "bundle_title": None,
            "plan_id": None,
            "category": "Music",
            "title": "Ragas for beginners",
            "list_amount": 12_500,
            "discount_amount": 0,
            "access_days": 30,
        }
    ],
}


def test_an_order_with_one_course_is_announced_as_one_line() -> None:
    message = announcements.order_placed(ORDER, "cs_1", AT, "00-1-2-01")
    assert (message.topic, message.key, message.id) == ("orders", "ord_1", "ord_1.placed")
    assert (message.type, message.source) == ("masterji.order.placed.v1", "masterji/checkout")
    assert (message.time, message.traceparent) == (AT, "00-1-2-01")
    assert json.loads(message.value) == PLACED


def test_every_line_of_an_order_is_announced() -> None:
    (ragas,) = ORDER.lines
    talas = replace(
        ragas,
        position=2,
        kind=LineKind.BUNDLE,
        title="Talas",
        list_amount=6_000,
        discount_amount=1_000,
        course_id="talas",
        bundle_id="rhythm",
        bundle_title="All about rhythm",
        category=None,
        access_days=None,
    )
    order = replace(ORDER, lines=(ragas, talas), country="AT", promo_code="DIWALI")
    body = json.loads(announcements.order_placed(order, "cs_1", AT, "00-1-2-01").value)
    assert (body["amount_total"], body["country"], body["promo_code"]) == (17_500, "AT", "DIWALI")
    assert body["lines"] == [
        *PLACED["lines"],
        {
            "line_id": "ord_1_2",
            "kind": "bundle",
            "course_id": "talas",
            "bundle_id": "rhythm",
            "bundle_title": "All about rhythm",
            "plan_id": None,
            "category": None,
            "title": "Talas",
            "list_amount": 6_000,
            "discount_amount": 1_000,
            "access_days": None,
        },
    ]
