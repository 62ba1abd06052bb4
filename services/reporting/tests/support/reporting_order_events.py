"""Writes events as reporting stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from messaging.eventset.event import Event

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class OrderEvents:
    """Writes the events of one order. `at` is in minutes after START. Ids are numbered, so runs are
    reproducible."""

    def __init__(self, order_id: str = "ord_1", payment: str = "pi_1") -> None:
        self.order_id, self.payment = order_id, payment
        self.events: list[Event] = []
        self._refunds_created: dict[str, int] = {}

    def _add(self, type_: str, at: float, facts: dict[str, Any], **event: Any) -> Event:
        ours = facts.get("order_id")
        payment = facts.get("payment_id")
        links = {"money_key": ours or payment}
        if payment and payment.startswith("pi_"):
            links["payment_intent_id"] = payment
        made = Event(
            id=f"evt_{self.order_id}_{self.payment}_{len(self.events)}",
            type=type_,
            created=int((START.timestamp() + at * 60) * 1_000_000),
            links=links,
            facts=facts,
            **event,
        )
        self.events.append(made)
        return made

    def placed(
        self,
        *prices: int | tuple[int, int],
        currency: str = "eur",
        at: float = 0,
        line_ids: Sequence[str] = (),
        bundles: Mapping[str, str] | None = None,
    ) -> Event:
        """Each price is a line: the list amount, or (list amount, discount). `bundles` maps line ids to
        bundle ids."""
        line_ids = line_ids or [f"line_{number}" for number in range(1, len(prices) + 1)]
        lines = [
            {
                "line_id": line_id,
                "course_id": f"course_{number}",
                "bundle_id": (bundles or {}).get(line_id),
                "plan_id": None,
                "category": "music",
                "title": f"Course {number}",
                "list_amount": price if isinstance(price, int) else price[0],
                "discount_amount": 0 if isinstance(price, int) else price[1],
            }
            for number, (line_id, price) in enumerate(zip(line_ids, prices, strict=True), start=1)
        ]
        due = sum(line["list_amount"] - line["discount_amount"] for line in lines)
        return self._add(
            "masterji.order.placed.v1",
            at,
            {
                "order_id": self.order_id,
                "user_id": "user_1",
                "country": "DE",
                "currency": currency,
                "amount_total": due,
                "lines": lines,
            },
        )

    def session(
        self,
        amount: int,
        *,
        at: float = 1,
        status: str = "paid",
        currency: str = "eur",
        payment: str | None = None,
        late: bool = False,
        before_tax: int | None = None,
        session_status: str | None = "complete",
    ) -> Event:
        """`amount` is the total. Without `before_tax` no tax was added to it."""
        payment = payment or (self.payment if status != "no_payment_required" else "cs_1")
        return self._add(
            "checkout.session.async_payment_succeeded" if late else "checkout.session.completed",
            at,
            {
                "order_id": self.order_id,
                "payment_id": payment,
                "session_id": "cs_1",
                "amount": amount,
                "currency": currency,
                "payment_status": status,
                "before_tax": amount if before_tax is None else before_tax,
            },
            object_id="cs_1",
            status=session_status,
        )

    def payment_succeeded(
        self,
        amount: int,
        *,
        at: float = 1,
        currency: str = "eur",
        ours: bool = True,
        payment: str | None = None,
    ) -> Event:
        return self._add(
            "payment_intent.succeeded",
            at,
            {
                "order_id": self.order_id if ours else None,
                "payment_id": payment or self.payment,
                "amount": amount,
                "currency": currency,
            },
            status="succeeded",
        )

    def refund(
        self,
        amount: int,
        *,
        at: float = 60 * 24,
        status: str = "succeeded",
        refund: str = "re_1",
        lines: Sequence[str] = (),
        currency: str = "eur",
        before: str | None = None,
    ) -> Event:
        """A refund is created when the first event about it is written."""
        created = self._refunds_created.setdefault(refund, int(START.timestamp() + at * 60))
        return self._add(
            "refund.updated" if before else "refund.created",
            at,
            {
                "order_id": None,
                "payment_id": self.payment,
                "refund_id": refund,
                "amount": amount,
                "currency": currency,
                "status": status,
                "created": created,
                "lines": list(lines),
            },
            object_id=refund,
            status=status,
            previous_status=before,
        )
