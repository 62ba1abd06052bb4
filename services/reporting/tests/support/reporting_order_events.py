"""Writes events as reporting stores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from messaging.eventset.event import Event
from reporting.domain.facts import (
    ORDER_PLACED,
    PAYMENT_ACCEPTED,
    AcceptedFacts,
    AnyFacts,
    ChargeFacts,
    DisputeFacts,
    LineFacts,
    MoneyEvent,
    OrderFacts,
    PaymentFacts,
    RefundFacts,
    SessionFacts,
)
from schemas.rules import Booking

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class OrderEvents:
    """Writes the events of one order. `at` is in minutes after START. Ids are numbered, so runs are
    reproducible."""

    def __init__(self, order_id: str = "ord_1", payment: str = "pi_1") -> None:
        self.order_id, self.payment = order_id, payment
        self.events: list[MoneyEvent] = []
        self._created: dict[str, int] = {}

    def _add(self, type_: str, at: float, facts: AnyFacts, **event: Any) -> MoneyEvent:
        payment = None if isinstance(facts, OrderFacts | AcceptedFacts) else facts.payment_id
        owner = facts.order_id or payment
        assert owner is not None
        links = {"money_key": owner}
        if isinstance(facts, SessionFacts | AcceptedFacts):
            links["session_id"] = facts.session_id
        if payment and payment.startswith("pi_"):
            links["payment_intent_id"] = payment
            if not isinstance(facts, SessionFacts):
                links["charge_id"] = payment.replace("pi_", "ch_")
        made: MoneyEvent = Event(
            id=f"evt_{self.order_id}_{self.payment}_{len(self.events)}",
            type=type_,
            created=int((START.timestamp() + at * 60) * 1_000_000),
            links=links,
            facts=facts,
            **event,
        )
        self.events.append(made)
        return made

    def accepted(self, session_id: str, at: float = 0) -> MoneyEvent:
        """Staff accept a session as the payment of the order."""
        return self._add(PAYMENT_ACCEPTED, at, AcceptedFacts(self.order_id, session_id))

    def stored_without(self, name: str) -> None:
        """Read the events again from stored facts of a release that did not store this fact."""
        for place, event in enumerate(self.events):
            stored = msgspec.to_builtins(event.facts)
            if stored.pop(name, None) is not None:
                facts = msgspec.json.decode(msgspec.json.encode(stored), type=type(event.facts))
                self.events[place] = msgspec.structs.replace(event, facts=facts)

    def placed(
        self,
        *prices: int | tuple[int, int],
        currency: str = "eur",
        at: float = 0,
        line_ids: Sequence[str] = (),
        bundles: Mapping[str, str] | None = None,
    ) -> MoneyEvent:
        """Each price is a line: the list amount, or (list amount, discount). `bundles` maps line ids to
        bundle ids."""
        line_ids = line_ids or [f"line_{number}" for number in range(1, len(prices) + 1)]
        lines = tuple(
            LineFacts(
                line_id=line_id,
                course_id=f"course_{number}",
                bundle_id=(bundles or {}).get(line_id),
                category="music",
                title=f"Course {number}",
                list_amount=price if isinstance(price, int) else price[0],
                discount_amount=0 if isinstance(price, int) else price[1],
            )
            for number, (line_id, price) in enumerate(zip(line_ids, prices, strict=True), start=1)
        )
        facts = OrderFacts(
            order_id=self.order_id,
            user_id="user_1",
            country="DE",
            currency=currency,
            amount_total=sum(line.list_amount - line.discount_amount for line in lines),
            lines=lines,
        )
        return self._add(ORDER_PLACED, at, facts)

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
    ) -> MoneyEvent:
        """`amount` is the total. Without `before_tax` no tax was added to it."""
        payment = payment or (self.payment if status != "no_payment_required" else "cs_1")
        return self._add(
            "checkout.session.async_payment_succeeded" if late else "checkout.session.completed",
            at,
            SessionFacts(
                order_id=self.order_id,
                payment_id=payment,
                session_id="cs_1",
                amount=amount,
                currency=currency,
                payment_status=status,
                before_tax=amount if before_tax is None else before_tax,
            ),
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
    ) -> MoneyEvent:
        return self._add(
            "payment_intent.succeeded",
            at,
            PaymentFacts(
                order_id=self.order_id if ours else None,
                payment_id=payment or self.payment,
                amount=amount,
                currency=currency,
            ),
            status="succeeded",
        )

    def charge_refunded(self, amount: int, *, at: float = 60 * 24, currency: str = "eur") -> MoneyEvent:
        """The charge states that this much of it is refunded in all."""
        charge = self.payment.replace("pi_", "ch_")
        facts = ChargeFacts(self.order_id, self.payment, charge, currency, amount)
        return self._add("charge.refunded", at, facts, object_id=charge, status="succeeded")

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
    ) -> MoneyEvent:
        """A refund is created when the first event about it is written."""
        created = self._created.setdefault(refund, int(START.timestamp() + at * 60))
        return self._add(
            "refund.updated" if before else "refund.created",
            at,
            RefundFacts(
                order_id=None,
                payment_id=self.payment,
                refund_id=refund,
                amount=amount,
                currency=currency,
                status=status,
                created=created,
                line_ids=tuple(lines),
            ),
            object_id=refund,
            status=status,
            previous_status=before,
        )

    def dispute(
        self,
        amount: int,
        *,
        at: float = 60 * 24,
        status: str = "needs_response",
        dispute: str = "dp_1",
        currency: str = "eur",
        bookings: Sequence[Booking] = (),
    ) -> MoneyEvent:
        """A dispute, opened when the first event about it is written."""
        created = self._created.setdefault(dispute, int(START.timestamp() + at * 60))
        facts = DisputeFacts(
            order_id=None,
            payment_id=self.payment,
            dispute_id=dispute,
            amount=amount,
            currency=currency,
            status=status,
            created=created,
            bookings=tuple(bookings),
        )
        return self._add("charge.dispute.updated", at, facts, object_id=dispute, status=status)
