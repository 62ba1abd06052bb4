"""Builds the messages about subscriptions and their invoices."""

from __future__ import annotations

from typing import Any, Self

from enrollment_messages import DAY, unix
from enrollment_purchases import Purchases

from schemas.events import OrderLine


class Plans(Purchases):
    """Subscriptions, their invoices and customers."""

    def plan_order(self, order: str, *, amount: int = 2000, t: float = 0, currency: str = "eur") -> Self:
        """An order of the plan."""
        line = OrderLine(
            line_id=f"{order}_l1", kind="plan", plan_id="plan_all", title="All courses", list_amount=amount
        )
        return self.order(order, line, t=t, currency=currency)

    def plan_session(self, order: str, *, amount: int = 2000, t: float = 60) -> Self:
        """The session that started the subscription."""
        return self.session(
            order,
            amount,
            t=t,
            intent=None,
            mode="subscription",
            subscription=f"sub_{order}",
            customer=f"cus_{self.user}",
            invoice=f"in_{order}_0",
        )

    def subscription(
        self,
        order: str,
        status: str,
        *,
        t: float,
        kind: str = "updated",
        period: tuple[float, float] = (0, 30 * DAY),
        trial_end: float | None = None,
        cancel_at: float | None = None,
        at_period_end: bool = False,
        ended: float | None = None,
        previous: dict[str, Any] | None = None,
        currency: str = "eur",
        metadata: dict[str, str] | None = None,
    ) -> Self:
        """One event of the order's subscription."""
        return self.stripe(
            f"customer.subscription.{kind}",
            {
                "id": f"sub_{order}",
                "object": "subscription",
                "status": status,
                "customer": f"cus_{self.user}",
                "currency": currency,
                "cancel_at_period_end": at_period_end,
                "cancel_at": None if cancel_at is None else unix(cancel_at),
                "ended_at": None if ended is None else unix(ended),
                "trial_end": None if trial_end is None else unix(trial_end),
                "items": {
                    "data": [
                        {
                            "id": f"si_{order}",
                            "current_period_start": unix(period[0]),
                            "current_period_end": unix(period[1]),
                        }
                    ]
                },
                "metadata": self.ids_of(order) if metadata is None else metadata,
            },
            t,
            previous,
        )

    def invoice(
        self,
        order: str,
        number: int,
        kind: str = "paid",
        *,
        t: float,
        until: float = 30 * DAY,
        amount: int = 2000,
        status: str = "paid",
        reason: str = "subscription_cycle",
        proration: bool = False,
        drawn_up: float | None = None,
        has_more: bool = False,
    ) -> Self:
        """One event of an invoice of the order's subscription; with `has_more`, only its first line."""
        return self.stripe(
            f"invoice.{kind}",
            {
                "id": f"in_{order}_{number}",
                "object": "invoice",
                "currency": "eur",
                "status": status,
                "billing_reason": reason,
                "customer": f"cus_{self.user}",
                "amount_due": amount,
                "amount_paid": amount if status == "paid" else 0,
                "total": amount,
                "period_end": None if drawn_up is None else unix(drawn_up),
                "parent": {
                    "subscription_details": {
                        "subscription": f"sub_{order}",
                        "metadata": self.ids_of(order),
                    }
                },
                "lines": {
                    "has_more": has_more,
                    "data": [
                        {
                            "id": f"il_{order}_{number}",
                            "amount": amount,
                            "period": {"start": unix(0), "end": unix(until)},
                            "parent": {
                                "subscription_item_details": {
                                    "subscription": f"sub_{order}",
                                    "proration": proration,
                                }
                            },
                        }
                    ],
                },
            },
            t,
        )

    def invoice_payment(self, order: str, number: int, *, t: float) -> Self:
        """The event that links an invoice to its payment."""
        return self.stripe(
            "invoice_payment.paid",
            {
                "id": f"inpay_{order}_{number}",
                "object": "invoice_payment",
                "invoice": f"in_{order}_{number}",
                "status": "paid",
                "payment": {"type": "payment_intent", "payment_intent": f"pi_in_{order}_{number}"},
            },
            t,
        )

    def subscribed(self, order: str, *, t: float = 0, period: float = 30 * DAY) -> Self:
        """A subscription whose first invoice is paid; `period` is the billing period in seconds."""
        self.plan_order(order, t=t)
        self.plan_session(order, t=t + 60)
        self.subscription(order, "active", t=t + 60, kind="created", period=(t, t + period))
        self.invoice(order, 0, t=t + 61, until=t + period, reason="subscription_create")
        return self.invoice_payment(order, 0, t=t + 75)

    def customer_deleted(self, *, t: float) -> Self:
        """The customer is deleted at Stripe."""
        return self.stripe(
            "customer.deleted", {"id": f"cus_{self.user}", "object": "customer", "deleted": True}, t
        )
