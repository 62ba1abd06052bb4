"""The messages that consumers are measured with. Of 20 sequences, 16 are purchases, 2 are subscriptions, one
is a purchase with a refund and one a purchase with a dispute; all are shuffled within a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bench import purchases
from bench.events import SESSION
from messaging.message import OutgoingMessage

SEQUENCES = 20
SUBSCRIPTIONS, REFUNDS, DISPUTES = frozenset([4, 14]), frozenset([9]), frozenset([19])
MESSAGES_PER_SEQUENCE = (17 * 5 + 2 * 4 + 8) / 20 + 1 / 20


def messages(sequences: int, seed: int = 7) -> list[OutgoingMessage]:
    """Return the messages of the sequences in order of arrival. Ids are new in every call."""
    return purchases.shuffled(sequences, _sequence, seed)


def expected(sequences: int) -> dict[tuple[str, str], int]:
    """Return the number of grants of each kind and state that these sequences result in."""
    numbers = [number % SEQUENCES for number in range(sequences)]
    subscribed = sum(number in SUBSCRIPTIONS for number in numbers)
    refunded = sum(number in REFUNDS for number in numbers)
    disputed = sum(number in DISPUTES for number in numbers)
    return {
        ("order", "active"): sequences - subscribed - refunded - disputed,
        ("order", "revoked"): refunded,
        ("order", "suspended"): disputed,
        ("subscription", "active"): subscribed,
    }


def _sequence(number: int, key: str, at: datetime) -> Iterator[OutgoingMessage]:
    place = number % SEQUENCES
    if place in SUBSCRIPTIONS:
        yield from _subscription(key, at)
        return
    yield from purchases.purchase(key, at, place in REFUNDS)
    if place in DISPUTES:
        dispute = {
            "id": f"du_{key}",
            "object": "dispute",
            "amount": 4900,
            "currency": "eur",
            "charge": f"ch_{key}",
            "payment_intent": f"pi_{key}",
            "metadata": {},
            "reason": "fraudulent",
            "status": "needs_response",
        }
        yield purchases.stripe_message(key, 40, "charge.dispute.created", at, dispute)


def _subscription(key: str, at: datetime) -> Iterator[OutgoingMessage]:
    ours = purchases.ids(key)
    start = int(at.timestamp())
    end = int((at + timedelta(days=30)).timestamp())
    yield purchases.order(key, at, plan_id="plan_all")
    session = {**SESSION, "id": f"cs_{key}", "mode": "subscription", "payment_intent": None, "metadata": ours}
    session |= {
        "client_reference_id": ours["order_id"],
        "customer": f"cus_{key}",
        "subscription": f"sub_{key}",
    }
    yield purchases.stripe_message(key, 2, "checkout.session.completed", at, session)
    subscription = {
        "id": f"sub_{key}",
        "object": "subscription",
        "currency": "eur",
        "customer": f"cus_{key}",
        "metadata": ours,
        "created": start,
        "start_date": start,
        "status": "active",
        "cancel_at_period_end": False,
        "items": {
            "object": "list",
            "data": [
                {
                    "id": f"si_{key}",
                    "object": "subscription_item",
                    "price": {"id": "price_m", "object": "price", "currency": "eur", "unit_amount": 4900},
                    "quantity": 1,
                    "current_period_start": start,
                    "current_period_end": end,
                }
            ],
        },
    }
    yield purchases.stripe_message(key, 2, "customer.subscription.created", at, subscription)
    invoice = {
        "id": f"in_{key}",
        "object": "invoice",
        "amount_due": 4900,
        "amount_paid": 4900,
        "billing_reason": "subscription_create",
        "currency": "eur",
        "customer": f"cus_{key}",
        "metadata": {},
        "status": "paid",
        "total": 4900,
        "created": start,
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"metadata": ours, "subscription": f"sub_{key}"},
        },
        "lines": {
            "object": "list",
            "data": [
                {"id": f"il_{key}", "amount": 4900, "currency": "eur", "period": {"start": start, "end": end}}
            ],
        },
    }
    yield purchases.stripe_message(key, 3, "invoice.paid", at, invoice)
