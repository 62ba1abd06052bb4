"""A new subscription: the request for it, and the object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.billing import standing_discounts
from stripe_sandbox.core import periods
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public


@dataclass(slots=True)
class SubscriptionRequest:
    """The request for a new subscription."""

    customer: str
    items: list[dict[str, Any]]
    currency: str
    metadata: dict[str, str]
    description: str | None = None
    default_payment_method: str | None = None
    trial_end: int | None = None
    missing_payment_method: str = "create_invoice"
    cancel_at_period_end: bool = False
    discount: standing_discounts.Chosen | None = None


def new(sandbox: Sandbox, requested: SubscriptionRequest) -> Object:
    """The subscription (not stored): `incomplete` or `trialing`."""
    customer = sandbox.require("customer", requested.customer, param="customer")
    now = sandbox.clock.now()
    start_end = now if requested.trial_end is None else requested.trial_end
    subscription = sandbox.new(
        "sub",
        "subscription",
        null="""
            application application_fee_percent billing_cycle_anchor_config
            billing_thresholds cancel_at canceled_at customer_account days_until_due
            default_source ended_at latest_invoice next_pending_invoice_item_invoice
            on_behalf_of pause_collection pending_invoice_item_interval
            pending_setup_intent pending_update schedule status_details transfer_data
        """,
        automatic_tax={"disabled_reason": None, "enabled": False, "liability": None},
        billing_cycle_anchor=start_end,
        billing_mode={"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": now},
        billing_schedules=[],
        cancel_at_period_end=False,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        currency=requested.currency,
        customer=customer["id"],
        default_payment_method=requested.default_payment_method,
        default_tax_rates=[],
        description=requested.description,
        discounts=[],
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        items={"object": "list", "data": [], "has_more": False, "url": ""},
        metadata=requested.metadata,
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        start_date=now,
        status="incomplete" if requested.trial_end is None else "trialing",
        test_clock=customer["test_clock"],
        trial_end=requested.trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": requested.missing_payment_method}},
        trial_start=None if requested.trial_end is None else now,
        _={"pending_lines": []},
    )
    subscription["items"]["url"] = f"/v1/subscription_items?subscription={subscription['id']}"
    for wanted in requested.items:
        recurring = wanted["price"]["recurring"]
        end = requested.trial_end or periods.end_of_period(
            now, now, recurring["interval"], recurring["interval_count"]
        )
        subscription["items"]["data"].append(item(sandbox, subscription, wanted, now, end))
    return subscription


def item(sandbox: Sandbox, subscription: Object, wanted: dict[str, Any], begins: int, ends: int) -> Object:
    """An item (not stored) of a subscription for a period."""
    made = sandbox.new(
        "si",
        "subscription_item",
        billing_thresholds=None,
        current_period_end=ends,
        current_period_start=begins,
        current_trial=None,
        discounts=[],
        metadata=wanted.get("metadata") or {},
        price=public(wanted["price"]),
        quantity=wanted.get("quantity") or 1,
        subscription=subscription["id"],
        tax_rates=[],
    )
    del made["livemode"]
    return made
