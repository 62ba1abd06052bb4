"""Creates the subscription of a completed Checkout Session."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.billing.subscription_creation import SubscriptionRequest
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object

DAY = 24 * 3600


def from_session(sandbox: Sandbox, session: Object) -> Object:
    """Store the subscription of the session, with its first invoice paid by the session's intent.

    It is created only after the payment, so that a declined attempt leaves no incomplete subscription.
    """
    data = session["_"]["subscription_data"]
    intent = sandbox.store.get(session["_"].get("intent") or "")
    with sandbox.clock.at(sandbox.time_of(_clock_of(sandbox, session["customer"]))):
        subscription = subscriptions.build(sandbox, _requested(sandbox, session, data, intent))
        invoice = invoices.finalize(sandbox, subscriptions.first_invoice(sandbox, subscription))
        if subscription["status"] == "incomplete":
            subscription["status"] = "active"
        if invoice["status"] == "open" and intent is not None:
            invoice["_"]["intent"] = intent["id"]
            invoices.mark_paid(sandbox, invoice, intent)
        sandbox.store.update(subscription)
        sandbox.events.emit("customer.subscription.created", subscription)
    session.update(subscription=subscription["id"], invoice=invoice["id"])
    return subscription


def _requested(
    sandbox: Sandbox, session: Object, data: dict[str, Any], intent: Object | None
) -> SubscriptionRequest:
    discount = session["_"].get("discount")
    chosen = None
    if discount is not None:
        coupon = sandbox.require("coupon", discount["source"]["coupon"])
        chosen = (coupon, sandbox.store.get(discount["promotion_code"] or "", "promotion_code"))
    ending = (data.get("trial_settings") or {}).get("end_behavior") or {}
    return SubscriptionRequest(
        customer=session["customer"],
        items=[
            {"price": sandbox.require("price", line["price"]["id"]), "quantity": line["quantity"]}
            for line in session["_"]["line_items"]
        ],
        currency=session["currency"],
        metadata=data.get("metadata") or {},
        description=data.get("description"),
        default_payment_method=None if intent is None else intent["payment_method"],
        trial_end=trial_end(data, sandbox.clock.now()),
        missing_payment_method=ending.get("missing_payment_method") or "create_invoice",
        discount=chosen,
    )


def trial_end(data: dict[str, Any], now: int) -> int | None:
    """The end of the requested trial; None without a trial."""
    if data.get("trial_end") == "now":
        return None
    if data.get("trial_end") is not None:
        return int(data["trial_end"])
    days = data.get("trial_period_days")
    return None if days is None else now + days * DAY


def _clock_of(sandbox: Sandbox, customer: str) -> str | None:
    found = sandbox.store.get(customer, "customer")
    return None if found is None else found["test_clock"]
