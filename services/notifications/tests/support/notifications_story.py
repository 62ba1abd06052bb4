"""The messages of an order, as the consumer reads them from Kafka."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from messaging.message import Message

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Story:
    """Builds the messages of one order. `at` is in minutes after START."""

    def __init__(self, order_id: str = "ord_1") -> None:
        self.order_id, self.payment = order_id, f"pi_{order_id}"
        self.messages: list[Message] = []

    def _add(self, topic: str, type_: str, at: float, body: dict[str, Any], event_id: str | None) -> Message:
        moment = START + timedelta(minutes=at)
        event_id = event_id or f"evt_{self.order_id}_{len(self.messages)}"
        if topic != "orders":
            body = {
                "id": event_id,
                "object": "event",
                "type": type_,
                "created": int(moment.timestamp()),
                "livemode": False,
                "api_version": "2026-10-28.endive",
                "data": body,
            }
        message = Message(
            topic=topic,
            partition=0,
            offset=len(self.messages),
            key=None,
            value=json.dumps(body).encode(),
            id=event_id,
            type=type_,
            source="test",
            time=moment,
        )
        self.messages.append(message)
        return message

    def placed(
        self,
        *lines: dict[str, Any],
        email: str = "asha@example.com",
        locale: str = "en",
        currency: str = "eur",
        at: float = 0,
        session_id: str | None = None,
    ) -> Message:
        whole = [
            {
                "line_id": f"line_{number}",
                "kind": "course",
                "course_id": f"course-{number}",
                "title": f"Course {number}",
                "list_amount": 2000,
                **line,
            }
            for number, line in enumerate(lines or ({},), start=1)
        ]
        body = {
            "order_id": self.order_id,
            "user_id": "user_1",
            "email": email,
            "locale": locale,
            "currency": currency,
            "terms": {"version": "1", "accepted_at": START.isoformat()},
            "amount_total": sum(line["list_amount"] - line.get("discount_amount", 0) for line in whole),
            "lines": whole,
            "session_id": session_id,
        }
        return self._add("orders", "masterji.order.placed.v1", at, body, None)

    def accepted(self, at: float = 2) -> Message:
        """Staff accept the session as the payment of the order."""
        body = {
            "order_id": self.order_id,
            "user_id": "user_1",
            "session_id": f"cs_{self.order_id}",
            "accepted_by": "admin",
            "reason": "goodwill",
            "accepted_at": START.isoformat(),
        }
        return self._add("orders", "masterji.order.payment_accepted.v1", at, body, None)

    def session(
        self,
        amount: int = 2000,
        *,
        status: str = "paid",
        completion: str = "complete",
        currency: str = "eur",
        tax: int = 0,
        included_tax: int = 0,
        at: float = 1,
        late: bool = False,
        mode: str = "payment",
        event_id: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Message:
        """A session over `amount`, plus `tax` on top. `late`: a delayed payment method succeeded."""
        body = {
            "object": {
                "id": f"cs_{self.order_id}",
                "object": "checkout.session",
                "mode": mode,
                "status": completion,
                "payment_status": status,
                "amount_subtotal": amount,
                "amount_total": amount + tax,
                "total_details": {"amount_discount": 0, "amount_tax": tax + included_tax},
                "currency": currency,
                "payment_intent": None if status == "no_payment_required" else self.payment,
                "client_reference_id": self.order_id,
                "metadata": {"order_id": self.order_id, "user_id": "user_1"}
                if metadata is None
                else metadata,
                "customer_details": {"email": "other@example.com", "name": "Asha"},
            }
        }
        name = "async_payment_succeeded" if late else "completed"
        return self._add("stripe.checkout", f"checkout.session.{name}", at, body, event_id)

    def charge(self, *, at: float = 1) -> Message:
        """The charge of the payment succeeded."""
        body = {
            "object": {
                "id": f"ch_{self.order_id}",
                "object": "charge",
                "amount": 2000,
                "currency": "eur",
                "status": "succeeded",
                "payment_intent": self.payment,
                "metadata": {},
                "billing_details": {"email": "other@example.com", "name": "Asha"},
            }
        }
        return self._add("stripe.payments", "charge.succeeded", at, body, None)

    def charge_refunded(self, amount: int = 2000, *, at: float = 60) -> Message:
        """The charge states that this much of it is refunded in all."""
        body = {
            "object": {
                "id": f"ch_{self.order_id}",
                "object": "charge",
                "amount": 2000,
                "captured": True,
                "amount_refunded": amount,
                "currency": "eur",
                "status": "succeeded",
                "payment_intent": self.payment,
                "metadata": {},
            }
        }
        return self._add("stripe.refunds", "charge.refunded", at, body, None)

    def refund(
        self,
        amount: int = 2000,
        *,
        status: str = "succeeded",
        refund: str | None = None,
        payment: str | None = None,
        before: str | None = None,
        at: float = 60,
        **more: Any,
    ) -> Message:
        body: dict[str, Any] = {
            "object": {
                "id": refund or f"re_{self.order_id}",
                "object": "refund",
                "amount": amount,
                "currency": "eur",
                "status": status,
                "payment_intent": payment or self.payment,
                "charge": f"ch_{self.order_id}",
                "metadata": {},
                **more,
            }
        }
        if before:
            body["previous_attributes"] = {"status": before}
        kind = "updated" if before else "created"
        return self._add("stripe.refunds", f"refund.{kind}", at, body, None)

    def dispute(self, amount: int, *, status: str = "lost", at: float = 50) -> Message:
        """A dispute over a part of the order's payment, opened when this event is written."""
        body: dict[str, Any] = {
            "object": {
                "id": f"dp_{self.order_id}",
                "object": "dispute",
                "amount": amount,
                "currency": "eur",
                "status": status,
                "payment_intent": self.payment,
                "charge": f"ch_{self.order_id}",
            }
        }
        return self._add("stripe.disputes", "charge.dispute.created", at, body, None)
