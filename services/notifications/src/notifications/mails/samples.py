"""Sample content for previews. It shows all that the templates can show, except the notice on duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LINES = [
    {
        "line_id": "line_1",
        "kind": "course",
        "course_id": "sitar-for-beginners",
        "title": "Sitar for beginners",
        "list_amount": 4900,
        "discount_amount": 980,
        "access_days": None,
    },
    {
        "line_id": "line_2",
        "kind": "course",
        "course_id": "raga-and-tala",
        "title": "Raga & tala: hearing the structure",
        "list_amount": 3500,
        "discount_amount": 0,
        "access_days": 365,
    },
]

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "receipt": {
        "order_id": "ord_sample",
        "paid_at": "2026-11-02T18:20:00+00:00",
        "currency": "eur",
        "total": 8904,
        "tax": 1484,
        "lines": _LINES,
    },
    "refund": {
        "order_id": "ord_sample",
        "refunded_at": "2026-11-09T09:00:00+00:00",
        "currency": "eur",
        "amount": 5180,
        "duplicate": False,
        "lines": [
            {**_LINES[0], "refunded": 980, "lost": False},
            {**_LINES[1], "refunded": 4200, "lost": True},
        ],
    },
}
