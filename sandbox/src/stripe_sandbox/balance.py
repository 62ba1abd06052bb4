"""Balance transactions: what a charge, refund or dispute does to the account's balance."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object

SETTLES_AFTER = 2 * 24 * 3600


def record(
    sandbox: Sandbox,
    type_: str,
    source: Object,
    amount: int,
    *,
    fee: int = 0,
    category: str | None = None,
    description: str | None = None,
) -> Object:
    """Store a movement of `amount` minor units (negative: out), of which `fee` is kept. Settled in the same
    currency.
    """
    created = sandbox.clock.now()
    details: list[dict[str, Any]] = []
    if fee:
        details.append(
            {
                "amount": fee,
                "application": None,
                "currency": source["currency"],
                "description": "Stripe processing fees" if type_ == "charge" else "Dispute fee",
                "type": "stripe_fee",
            }
        )
    transaction = sandbox.new(
        "txn",
        "balance_transaction",
        created=created,
        amount=amount,
        available_on=created + SETTLES_AFTER,
        balance_type="payments",
        currency=source["currency"],
        description=description,
        exchange_rate=None,
        fee=fee,
        fee_details=details,
        net=amount - fee,
        reporting_category=category or type_,
        source=source["id"],
        status="pending",
        type=type_,
    )
    del transaction["livemode"], transaction["metadata"]
    return sandbox.store.insert(transaction)
