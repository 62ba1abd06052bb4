"""Builds the messages that Stripe and checkout send about orders and subscriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from msgspec.structs import replace

from enrollment.domain import Decision, Policy, decide
from enrollment.facts import event_of
from enrollment.store.tables import FACTS
from messaging.eventset.event import Event, chronological
from messaging.eventset.facts import Facts
from messaging.message import Message
from schemas.events import AccessGranted, AccessRevoked, OrderLine, OrderPlaced, Terms
from schemas.topics import stripe_topic

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 86_400

Line = tuple[str | None, int] | OrderLine


def at(seconds: float) -> datetime:
    """Return the time so many seconds after START."""
    return START + timedelta(seconds=seconds)


def unix(seconds: float) -> int:
    """Return the same time as a Unix timestamp."""
    return int(at(seconds).timestamp())


class Story:
    """The messages about one user. Every method adds some; `t` is in seconds after START."""

    def __init__(self, user: str = "user_1", prefix: str = "") -> None:
        self.user = user
        self.prefix = prefix
        self.messages: list[Message] = []
        self._ids = count(1)
        self._refunds: dict[str, float] = {}

    # -- results

    @property
    def events(self) -> list[Event[Facts]]:
        """The events that enrollment stores for the messages."""
        return [event for message in self.messages if (event := event_of(message)) is not None]

    def decide(self, t: float = 10 * DAY, policy: Policy | None = None) -> Decision:
        """Return the decision of the rules at `t`."""
        return decide(self.user, chronological(self.events), at(t), policy or Policy())

    def states(self, t: float = 10 * DAY, policy: Policy | None = None) -> dict[str, str]:
        """Return the state of access by course at `t`."""
        return {access.course_id: access.state for access in self.decide(t, policy).access}

    def can_learn(self, course: str, t: float = 10 * DAY, policy: Policy | None = None) -> bool:
        """Return whether the user has access to the course at `t`."""
        return any(
            access.access for access in self.decide(t, policy).access if access.course_id in (course, "*")
        )

    # -- checkout

    def order(
        self,
        order: str,
        *lines: Line,
        t: float = 0,
        currency: str = "eur",
        days: int | None = None,
        session: str | None = None,
    ) -> Story:
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
        return self._ours(body, t)

    def grant(self, decision: str, course: str, t: float, until: float | None = None) -> Story:
        """An administrator grants a course."""
        return self._ours(
            AccessGranted(
                decision_id=decision,
                user_id=self.user,
                course_id=course,
                decided_by="admin_1",
                reason="scholarship",
                decided_at=at(t),
                until=None if until is None else at(until),
            ),
            t,
        )

    def revoke(self, decision: str, course: str, t: float) -> Story:
        """An administrator revokes the grants of administrators."""
        return self._ours(
            AccessRevoked(
                decision_id=decision,
                user_id=self.user,
                course_id=course,
                decided_by="admin_1",
                reason="a mistake",
                decided_at=at(t),
            ),
            t,
        )

    # -- one-time payments

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
    ) -> Story:
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
                "metadata": self._ids_of(order) if metadata is None else metadata,
                **more,
            },
            t,
        )

    def payment(
        self, order: str, amount: int, *, t: float = 58, currency: str = "eur", intent: str = ""
    ) -> Story:
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
    ) -> Story:
        """One event of the payment intent."""
        return self.stripe(
            f"payment_intent.{kind}",
            {
                "id": intent or f"pi_{order}",
                "object": "payment_intent",
                "amount": amount,
                "currency": currency,
                "status": status,
                "metadata": self._ids_of(order) if metadata is None else metadata,
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
    ) -> Story:
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

    def purchase(self, order: str, *lines: Line, t: float = 0, tax: int = 0, **options: Any) -> Story:
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
    ) -> Story:
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
        amount: int = 1000,
        intent: str = "",
        previous: dict[str, Any] | None = None,
    ) -> Story:
        """One event of a dispute of the order's payment."""
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
            },
            t,
            previous,
        )

    def fraud_warning(self, order: str, *, t: float, actionable: bool = True, kind: str = "created") -> Story:
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

    # -- subscriptions

    def plan_order(self, order: str, *, amount: int = 2000, t: float = 0, currency: str = "eur") -> Story:
        """An order of the plan."""
        line = OrderLine(
            line_id=f"{order}_l1", kind="plan", plan_id="plan_all", title="All courses", list_amount=amount
        )
        return self.order(order, line, t=t, currency=currency)

    def plan_session(self, order: str, *, amount: int = 2000, t: float = 60) -> Story:
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
    ) -> Story:
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
                "metadata": self._ids_of(order) if metadata is None else metadata,
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
    ) -> Story:
        """One event of an invoice of the order's subscription."""
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
                "parent": {
                    "subscription_details": {
                        "subscription": f"sub_{order}",
                        "metadata": self._ids_of(order),
                    }
                },
                "lines": {
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
                    ]
                },
            },
            t,
        )

    def invoice_payment(self, order: str, number: int, *, t: float) -> Story:
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

    def subscribed(self, order: str, *, t: float = 0, period: float = 30 * DAY) -> Story:
        """A subscription whose first invoice is paid; `period` is the billing period in seconds."""
        self.plan_order(order, t=t)
        self.plan_session(order, t=t + 60)
        self.subscription(order, "active", t=t + 60, kind="created", period=(t, t + period))
        self.invoice(order, 0, t=t + 61, until=t + period, reason="subscription_create")
        return self.invoice_payment(order, 0, t=t + 75)

    def customer_deleted(self, *, t: float) -> Story:
        """The customer is deleted at Stripe."""
        return self.stripe(
            "customer.deleted", {"id": f"cus_{self.user}", "object": "customer", "deleted": True}, t
        )

    # -- messages

    def stripe(
        self, event_type: str, body: dict[str, Any], t: float, previous: dict[str, Any] | None = None
    ) -> Story:
        """An event of Stripe."""
        event_id = f"evt_{self.prefix}{next(self._ids):04d}"
        data = {"object": body} | ({"previous_attributes": previous} if previous else {})
        value = {
            "id": event_id,
            "object": "event",
            "type": event_type,
            "created": unix(t),
            "livemode": False,
            "api_version": "2026-10-28.endive",
            "data": data,
        }
        return self._add(
            stripe_topic(event_type), event_id, event_type, "stripe", t, json.dumps(value).encode()
        )

    def _ours(self, body: OrderPlaced | AccessGranted | AccessRevoked, t: float) -> Story:
        event_id = f"our_{self.prefix}{next(self._ids):04d}"
        return self._add(body.TOPIC, event_id, body.TYPE, "masterji/test", t, body.to_json())

    def _add(self, topic: str, event_id: str, event_type: str, source: str, t: float, value: bytes) -> Story:
        self.messages.append(
            Message(
                topic=topic,
                partition=0,
                offset=len(self.messages),
                key=self.user,
                value=value,
                id=event_id,
                type=event_type,
                source=source,
                time=at(t),
            )
        )
        return self

    def _ids_of(self, order: str) -> dict[str, str]:
        return {"order_id": order, "user_id": self.user}


def decode_all(messages: Sequence[Message]) -> list[Event[Facts]]:
    """Return the events for the messages that enrollment does not ignore."""
    return [event for message in messages if (event := event_of(message)) is not None]


def stored_without(story: Story, *names: str) -> list[Event[Facts]]:
    """Return the story's events in chronological order, stored by a release that did not keep these facts."""

    def without(event: Event[Facts]) -> Event[Facts]:
        stored = json.loads(FACTS.encode(event.facts))
        kept = {name: value for name, value in stored.items() if name not in names}
        return replace(event, facts=FACTS.decode(event.type, json.dumps(kept)))

    return chronological(map(without, story.events))
