"""Previews of a subscription's next invoice, as it is or with changes that are not applied."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from stripe_sandbox.billing import (
    invoice_lines,
    plan_changes,
    proration,
    standing_discounts,
    subscription_reads,
)
from stripe_sandbox.billing import subscribing as subscribe
from stripe_sandbox.billing import subscription_creation as subscription_new
from stripe_sandbox.billing.subscription_creation import SubscriptionRequest
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest


def of_subscription(sandbox: Sandbox, subscription: Object, params: dict[str, Any]) -> Object:
    """The next invoice of a running subscription, with the changes of `subscription_details` if any.

    Raises InvalidRequest (`invoice_upcoming_none`) if there will be no next invoice.
    """
    if subscription["status"] not in subscription_reads.LIVE:
        raise no_upcoming_invoice()
    details = params.get("subscription_details") or {}
    now = sandbox.clock.now()
    copy = deepcopy(subscription)
    if details.get("cancel_now"):
        return _last(sandbox, copy, details, params)
    ends = _end(copy, details)
    changed = {"items", "billing_cycle_anchor", "trial_end"} & set(details)
    plan = plan_changes.Planned(copy)
    if changed:
        new = plan_changes.items_after(
            sandbox, copy, details.get("items") or [], "subscription_details[items]"
        )
        plan = plan_changes.planned(sandbox, copy, new, plan_changes.billing_options(details, now))
    after = plan.subscription
    if plan.bill_now:
        lines = plan.lines
        if plan.new_period:
            lines = lines + _period_lines(sandbox, after, subscription_reads.period(after))
        return _draft(sandbox, after, lines, subscription_reads.period(after), params)
    pending = after["_"]["pending_lines"] + plan.lines
    renews = subscription_reads.period(after)[1]
    if ends is not None and ends <= renews:
        if not pending:
            raise no_upcoming_invoice()
        return _draft(sandbox, after, pending, subscription_reads.period(after), params)
    period_lines = _period_lines(sandbox, after, subscription_reads.next_period(after))
    lines = invoice_lines.ordered(pending, period_lines)
    return _draft(sandbox, after, lines, subscription_reads.period(after), params)


def of_new(sandbox: Sandbox, customer: Object, params: dict[str, Any]) -> Object:
    """The first invoice of a subscription that does not exist yet, or the invoice of the customer's pending
    items.
    """
    details = params.get("subscription_details") or {}
    now = sandbox.clock.now()
    requested = SubscriptionRequest(
        customer=customer["id"],
        items=[
            plan_changes.priced(sandbox, item, f"subscription_details[items][{index}]")
            for index, item in enumerate(details.get("items") or [])
        ],
        currency=params.get("currency") or "usd",
        metadata={},
        trial_end=subscribe.trial_end(details, now),
    )
    if not requested.items:
        subscription = invoice_lines.single(customer, requested.currency, {})
        return _draft(sandbox, subscription, [], (now, now), params)
    requested.currency = requested.items[0]["price"]["currency"]
    subscription = subscription_new.new(sandbox, requested)
    span = subscription_reads.period(subscription)
    lines = _period_lines(sandbox, subscription, span, free=subscription["status"] == "trialing")
    return _draft(sandbox, subscription, lines, span, params)


def no_upcoming_invoice() -> InvalidRequest:
    """Stripe's error if there is no upcoming invoice."""
    return InvalidRequest(
        "No upcoming invoices for this subscription: it has ended or will end before it renews.",
        code="invoice_upcoming_none",
    )


def _end(subscription: Object, details: dict[str, Any]) -> int | None:
    """When the subscription will end."""
    if details.get("cancel_at_period_end") is not None:
        return subscription_reads.period(subscription)[1] if details["cancel_at_period_end"] else None
    if "cancel_at" in details:
        wanted = details["cancel_at"]
        return wanted if wanted is None else int(wanted)
    ends: int | None = subscription["cancel_at"]
    return ends


def _last(sandbox: Sandbox, subscription: Object, details: dict[str, Any], params: dict[str, Any]) -> Object:
    lines = list(subscription["_"]["pending_lines"])
    if (details.get("proration_behavior") or "create_prorations") != "none":
        old = subscription_reads.items(subscription)
        lines += proration.lines(sandbox, subscription, old, [], at=details.get("proration_date"))
    return _draft(sandbox, subscription, lines, subscription_reads.period(subscription), params)


def _period_lines(
    sandbox: Sandbox, subscription: Object, span: tuple[int, int], *, free: bool = False
) -> list[Object]:
    return [
        invoice_lines.line(sandbox, subscription, item, 0 if free else subscription_reads.amount(item), span)
        for item in subscription_reads.items(subscription)
    ]


def _draft(
    sandbox: Sandbox,
    subscription: Object,
    lines: list[Object],
    span: tuple[int, int],
    params: dict[str, Any],
) -> Object:
    """The invoice (not stored) with the requested extra items and discounts."""
    items = params.get("invoice_items") or []
    extra = [_extra(sandbox, subscription, item, number) for number, item in enumerate(items)]
    chosen = None
    if params.get("discounts"):
        wanted = standing_discounts.chosen(sandbox, params["discounts"][0], "discounts[0]")
        chosen = [
            standing_discounts.build(
                sandbox, wanted, customer=subscription["customer"], subscription=subscription["id"]
            )
        ]
    elif "discounts" in params:
        chosen = []
    invoice = invoice_lines.draft(sandbox, subscription, "upcoming", lines + extra, span, discounts=chosen)
    invoice["id"] = f"upcoming_{invoice['id']}"
    invoice["lines"]["url"] = "/v1/invoices/upcoming/lines"
    return public(invoice)


def _extra(sandbox: Sandbox, subscription: Object, item: dict[str, Any], number: int) -> Object:
    if item.get("amount") is None:
        param = f"invoice_items[{number}][amount]"
        raise InvalidRequest(f"Missing required param: {param}.", param=param, code="parameter_missing")
    if item.get("currency") not in (None, subscription["currency"]):
        raise InvalidRequest(
            "All items of an invoice must have the same currency; this one is in "
            f"{subscription['currency']}.",
            param=f"invoice_items[{number}][currency]",
        )
    now = sandbox.clock.now()
    return invoice_lines.item_line(
        sandbox,
        {
            "id": sandbox.ids.new("ii"),
            "amount": item["amount"],
            "currency": subscription["currency"],
            "description": item.get("description"),
            "discountable": item.get("discountable", True),
            "metadata": item.get("metadata") or {},
            "period": item.get("period") or {"start": now, "end": now},
            "quantity": item.get("quantity") or 1,
        },
    )
