"""Stripe's events about one order, as checkout stores them, and the state that follows."""

from datetime import UTC, datetime
from typing import Any

from checkout.domain import (
    OrderRecord,
    OrderState,
    RecordedLine,
    derive_state,
    group_events,
)
from checkout.domain.facts import ChargeFacts, DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from messaging.eventset.event import Event, chronological
from messaging.eventset.facts import Facts

LINE = "ord_1_1"
ORDER = OrderRecord("ord_1", "eur", (RecordedLine(LINE, 4900),), session_id="cs_1", only_its_session=True)
T0 = 1_790_000_000
NOW = datetime.fromtimestamp(T0 + 86_400, UTC)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(T0 + seconds, UTC)


def event(
    name: str,
    type_: str,
    second: int,
    rank: int,
    facts: Facts,
    *,
    object_id: str,
    status: str,
    links: dict[str, str],
) -> Event[Facts]:
    return Event(
        id=f"evt_{name}",
        type=type_,
        created=(T0 + second) * 1_000_000,
        rank=rank,
        links=links,
        facts=facts,
        object_id=object_id,
        status=status,
    )


def session(
    action: str,
    payment_status: str,
    second: int = 10,
    *,
    name: str | None = None,
    session_id: str = "cs_1",
    order_id: str | None = "ord_1",
    payment_intent: str | None = "pi_1",
    **facts: Any,
) -> Event[Facts]:
    ranks = {
        "completed": 10,
        "async_payment_succeeded": 20,
        "async_payment_failed": 30,
        "expired": 40,
        "reread": 999,
    }
    links = {"order_id": order_id, "payment_intent_id": payment_intent}
    told = {
        "mode": "payment",
        "currency": "eur",
        "amount_total": 4900,
        "payment_status": payment_status,
        "payment_intent": payment_intent,
        **facts,
    }
    return event(
        name or f"{session_id}_{action}",
        f"checkout.session.{action}",
        second,
        6000 + ranks[action],
        SessionFacts(**told),
        object_id=session_id,
        status="expired" if action == "expired" else "complete",
        links={key: value for key, value in links.items() if value},
    )


def intent(action: str, second: int, status: str, payment_intent: str = "pi_1") -> Event[Facts]:
    ranks = {"processing": 30, "payment_failed": 40, "canceled": 80, "reread": 999}
    return event(
        f"{payment_intent}_{action}_{second}",
        f"payment_intent.{action}",
        second,
        4000 + ranks[action],
        IntentFacts(),
        object_id=payment_intent,
        status=status,
        links={"payment_intent_id": payment_intent},
    )


def charge(
    second: int = 9, url: str | None = "https://pay.stripe.com/receipts/1", returned: int = 0
) -> Event[Facts]:
    links = {"order_id": "ord_1", "payment_intent_id": "pi_1", "charge_id": "ch_1"}
    return event(
        f"charge_{second}",
        "charge.succeeded",
        second,
        5030,
        ChargeFacts(receipt_url=url, amount_returned=returned, currency="eur"),
        object_id="ch_1",
        status="succeeded",
        links=links,
    )


def refund(
    status: str,
    second: int,
    amount: int = 4900,
    *,
    refund_id: str = "re_1",
    links: dict[str, str] | None = None,
    currency: str = "eur",
    line_ids: tuple[str, ...] = (),
) -> Event[Facts]:
    places = {"pending": 10, "succeeded": 30, "canceled": 40, "failed": 50}
    return event(
        f"{refund_id}_{status}_{second}",
        "refund.updated",
        second,
        12_000 + places[status],
        RefundFacts(amount=amount, currency=currency, line_ids=line_ids),
        object_id=refund_id,
        status=status,
        links={"payment_intent_id": "pi_1", "charge_id": "ch_1"} if links is None else links,
    )


def dispute(status: str, second: int, amount: int = 4900, currency: str = "eur") -> Event[Facts]:
    return event(
        f"dp_{status}",
        "charge.dispute.updated",
        second,
        13_000,
        DisputeFacts(amount=amount, currency=currency),
        object_id="dp_1",
        status=status,
        links={"payment_intent_id": "pi_1", "charge_id": "ch_1"},
    )


def revocation(second: int) -> Event[Facts]:
    return event(
        "ord_1.revoked",
        "masterji.order.revoked.v1",
        second,
        0,
        Facts(),
        object_id="ord_1",
        status="",
        links={"order_id": "ord_1"},
    )


def stands(*events: Event[Facts], order: OrderRecord = ORDER) -> OrderState:
    return derive_state(order, group_events(chronological(events)))


PAID = session("completed", "paid")
UNPAID = session("completed", "unpaid")
SETTLED = session("async_payment_succeeded", "paid", 500)
BOUNCED = session("async_payment_failed", "unpaid", 500)


def acceptance(session_id: str = "cs_1", second: int = 700) -> Event[Facts]:
    return event(
        f"accepted_{session_id}",
        "masterji.order.payment_accepted.v1",
        second,
        0,
        Facts(),
        object_id=session_id,
        status="",
        links={"order_id": "ord_1", "session_id": session_id},
    )


DECLINED = intent("payment_failed", 5, "requires_payment_method")
"""A card that was declined before the buyer chose a delayed method."""
CANCELED = intent("canceled", 400, "canceled")
REFUSED = intent("payment_failed", 400, "requires_payment_method")
RAN_OUT = session("expired", "unpaid", 90, payment_intent=None)
