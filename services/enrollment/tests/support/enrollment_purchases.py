"""Builds the messages about orders, their payments and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from enrollment_messages import Messages, at, unix

from schemas.events import (
    AccessGranted,
    AccessRevoked,
    OrderExpired,
    OrderLine,
    OrderPlaced,
    OrderRevoked,
    Terms,
)

Line = tuple[str | None, int] | OrderLine


class Purchases(Messages):
    """Orders, decisions of administrators, sessions, payments, refunds and disputes."""

    def __init__(self, user: str = "user_1", prefix: str = "") -> None:
        super().__init__(user, prefix)
        self._refunds: dict[str, float] = {}

    def order(
        self,
        order: str,
        *lines: Line,
        t: float = 0,
        currency: str = "eur",
        days: int | None = None,
        session: str | None = None,
    ) -> Self:
        """An order is placed; a line is (course, price paid)."""
        made = [
            line
            if isinstance(line, OrderLine)
            else OrderLine(
                line_id=f"{order}_l{number}",
                kind="course",
                course_id=line[0],
                title=str(line[0]),
                list_amount=line[1] + 100,
                discount_amount=100,
                access_days=days,
            )
            for number, line in enumerate(lines, 1)
        ]
        body = OrderPlaced(
            order_id=order,
            user_id=self.user,
            email="learner@example.com",
            currency=currency,
            terms=Terms(version="1", accepted_at=at(t)),
            session_id=session or f"cs_{order}",
            amount_total=sum(line.list_amount - line.discount_amount for line in made),
            lines=made,
        )
        return self.ours(body, t)

    def closed(self, order: str, *, t: float) -> Self:
        """Staff close the order, because its payment does not arrive."""
        body = OrderExpired(order_id=order, user_id=self.user, reason="canceled", expired_at=at(t))
        return self.ours(body, t)

    def revoked(self, order: str, *, t: float) -> Self:
        """Staff end an order for which nothing was paid."""
        body = OrderRevoked(
            order_id=order, user_id=self.user, revoked_by="admin_1", reason="a mistake", revoked_at=at(t)
        )
        return self.ours(body, t)

    def grant(self, decision: str, course: str, t: float, until: float | None = None) -> Self:
        """An administrator grants a course."""
        ends = None if until is None else at(until)
        return self._decided(AccessGranted, decision, course, t, reason="scholarship", until=ends)

    def revoke(self, decision: str, course: str, t: float) -> Self:
        """An administrator revokes the grants of administrators."""
        return self._decided(AccessRevoked, decision, course, t, reason="a mistake")

    def _decided(
        self, kind: type[AccessGranted | AccessRevoked], decision: str, course: str, t: float, **terms: Any
    ) -> Self:
        body = kind(
            decision_id=decision,
            user_id=self.user,
            course_id=course,
            decided_by="admin_1",
            decided_at=at(t),
            **terms,
        )
        return self.ours(body, t)

    def session(
        self,
        order: str,
        amount: int,
        *,
        t: float = 60,
        kind: str = "completed",
        payment: str = "paid",
        status: str = "complete",
        currency: str = "eur",
        session: str | None = None,
        intent: str | None = "",
        metadata: dict[str, str] | None = None,
        tax: int = 0,
        inclusive: bool = False,
        discount: int = 0,
        **more: Any,
    ) -> Self:
        """A Checkout Session of the order reaches a new state.

        `amount` is the price after `discount` and before `tax`; an `inclusive` tax is part of the price.
        """
        return self.stripe(
            f"checkout.session.{kind}",
            {
                "id": session or f"cs_{order}",
                "object": "checkout.session",
                "mode": "payment",
                "status": status,
                "payment_status": payment,
                "amount_subtotal": amount + discount,
                "amount_total": amount if inclusive else amount + tax,
                "total_details": {"amount_discount": discount, "amount_tax": tax},
                "currency": currency,
                "payment_intent": f"pi_{order}" if intent == "" else intent,
                "client_reference_id": order,
                "customer_details": {"email": "learner@example.com", "name": "Lea Learner"},
                "metadata": self.ids_of(order) if metadata is None else metadata,
                **more,
            },
            t,
        )

    def payment(
        self, order: str, amount: int, *, t: float = 58, currency: str = "eur", intent: str = ""
    ) -> Self:
        """The events of the payment intent and the charge of a paid session."""
        self.intent(
            order,
            amount,
            t=t,
            status="requires_payment_method",
            kind="created",
            currency=currency,
            intent=intent,
        )
        self.charge(order, amount, t=t + 1, currency=currency, intent=intent)
        return self.intent(order, amount, t=t + 1, currency=currency, intent=intent)

    def intent(
        self,
        order: str,
        amount: int,
        *,
        t: float,
        status: str = "succeeded",
        kind: str = "succeeded",
        currency: str = "eur",
        intent: str = "",
        metadata: dict[str, str] | None = None,
    ) -> Self:
        """One event of the payment intent."""
        return self.stripe(
            f"payment_intent.{kind}",
            {
                "id": intent or f"pi_{order}",
                "object": "payment_intent",
                "amount": amount,
                "currency": currency,
                "status": status,
                "metadata": self.ids_of(order) if metadata is None else metadata,
            },
            t,
        )

    def charge(
        self,
        order: str,
        amount: int,
        *,
        t: float,
        kind: str = "succeeded",
        currency: str = "eur",
        intent: str = "",
        **more: Any,
    ) -> Self:
        """One event of the charge, which has the payment intent but no metadata of ours."""
        intent = intent or f"pi_{order}"
        return self.stripe(
            f"charge.{kind}",
            {
                "id": f"ch_{intent}",
                "object": "charge",
                "amount": amount,
                "currency": currency,
                "status": "succeeded",
                "payment_intent": intent,
                **more,
            },
            t,
        )

    def purchase(self, order: str, *lines: Line, t: float = 0, tax: int = 0, **options: Any) -> Self:
        """An order that is paid immediately, with `tax` on top."""
        amount = sum(line[1] for line in lines if isinstance(line, tuple))
        self.order(order, *lines, t=t, **options)
        self.payment(order, amount + tax, t=t + 58)
        return self.session(order, amount, t=t + 60, tax=tax)

    def refund(
        self,
        order: str,
        amount: int,
        *,
        t: float,
        status: str = "succeeded",
        refund: str = "",
        kind: str = "created",
        lines: Iterable[str] = (),
        intent: str | None = "",
        previous: dict[str, Any] | None = None,
        only_charge: bool = False,
        currency: str = "eur",
        created: float | None = None,
    ) -> Self:
        """One event of a refund of the order's payment; `created` is the time of its first event here."""
        intent = intent or f"pi_{order}"
        refund = refund or f"re_{order}"
        self._refunds.setdefault(refund, t if created is None else created)
        return self.stripe(
            f"refund.{kind}",
            {
                "id": refund,
                "object": "refund",
                "created": unix(self._refunds[refund]),
                "amount": amount,
                "currency": currency,
                "status": status,
                "charge": f"ch_{intent}",
                "payment_intent": None if only_charge else intent,
                "metadata": {"line_ids": ",".join(lines)} if lines else {},
            },
            t,
            previous,
        )

    def dispute(
        self,
        order: str,
        status: str,
        *,
        t: float,
        kind: str = "created",
        dispute: str = "",
        amount: int = 100_000,
        intent: str = "",
        previous: dict[str, Any] | None = None,
        bookings: Iterable[tuple[float, int]] = (),
    ) -> Self:
        """One event of a dispute of the order's payment, by default over all of it.

        `bookings` are (time, amount) of the balance transactions that it lists.
        """
        intent = intent or f"pi_{order}"
        return self.stripe(
            f"charge.dispute.{kind}",
            {
                "id": dispute or f"dp_{intent}",
                "object": "dispute",
                "amount": amount,
                "currency": "eur",
                "status": status,
                "charge": f"ch_{intent}",
                "payment_intent": intent,
                "balance_transactions": [
                    {
                        "id": f"txn_{dispute or intent}_{number}",
                        "object": "balance_transaction",
                        "amount": moved,
                        "fee": 1500 if moved < 0 else 0,
                        "net": moved - (1500 if moved < 0 else 0),
                        "currency": "eur",
                        "created": unix(when),
                    }
                    for number, (when, moved) in enumerate(bookings)
                ],
            },
            t,
            previous,
        )

    def fraud_warning(self, order: str, *, t: float, actionable: bool = True, kind: str = "created") -> Self:
        """An early fraud warning about the order's payment."""
        return self.stripe(
            f"radar.early_fraud_warning.{kind}",
            {
                "id": f"issfr_{order}",
                "object": "radar.early_fraud_warning",
                "actionable": actionable,
                "charge": f"ch_pi_{order}",
                "payment_intent": f"pi_{order}",
                "fraud_type": "misc",
            },
            t,
        )
