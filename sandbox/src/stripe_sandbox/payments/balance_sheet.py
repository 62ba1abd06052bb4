"""Balance transactions: how charges, refunds and disputes change the account's balance."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object

DAY = 24 * 3600
SETTLES_AFTER = 2 * DAY


def record(
    sandbox: Sandbox,
    type_: str,
    source: Object,
    amount: int,
    *,
    fee: int = 0,
    category: str | None = None,
    description: str | None = None,
    at_once: bool = False,
) -> Object:
    """Store a movement of `amount` minor units (negative: money leaves) with its `fee`. It settles in the
    same currency, after two days or immediately.
    """
    created = sandbox.clock.now()
    available = created if at_once else created + SETTLES_AFTER
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
        available_on=available,
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
    sandbox.store.insert(transaction)
    # One timer per day is enough for all movements that become available within it.
    day = -(-available // DAY) * DAY
    sandbox.store.schedule("balance.available", "now" if at_once else str(day), created if at_once else day)
    return transaction


def make_available(sandbox: Sandbox) -> None:
    """Make pending money that has waited long enough available for payouts: `balance.available`."""
    ready = sandbox.store.available_transactions(sandbox.clock.now())
    for transaction in ready:
        transaction["status"] = "available"
        sandbox.store.update(transaction)
    if ready:
        sandbox.events.emit("balance.available", current(sandbox))


def current(sandbox: Sandbox) -> Object:
    """The balance: net amounts by currency, pending and available."""
    sums = sandbox.store.balance()
    listed: dict[str, list[Object]] = {"available": [], "pending": []}
    for currency in sorted({currency for _, currency in sums}) or ["usd"]:
        for status, entries in listed.items():
            amount = sums.get((status, currency), 0)
            entries.append({"amount": amount, "currency": currency, "source_types": {"card": amount}})
    return {"object": "balance", **listed, "livemode": False}
