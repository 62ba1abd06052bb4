"""Changes of a subscription's items or billing interval: the new state, prorations, and what is billed now.

`planned` computes and stores nothing, so that a preview and the change itself always agree.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from stripe_sandbox.billing import invoice_lines, proration, subscription_reads
from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.shapes import merge_metadata


@dataclass(frozen=True, slots=True)
class BillingOptions:
    """How a change is billed. `at` is the moment from which prorations count (None: now)."""

    prorate: str = "create_prorations"
    at: int | None = None
    restart: bool = False
    trial_end: int | None = None
    error_if_incomplete: bool = False


@dataclass(slots=True)
class Planned:
    """A changed subscription (a copy), its prorations, and whether an invoice is created now."""

    subscription: Object
    lines: list[Object] = field(default_factory=list)
    bill_now: bool = False
    new_period: bool = False


def billing_options(params: dict[str, Any], now: int) -> BillingOptions:
    """How the parameters of an operation want the change billed."""
    trial_end = params.get("trial_end")
    return BillingOptions(
        prorate=params.get("proration_behavior") or "create_prorations",
        at=params.get("proration_date"),
        restart=params.get("billing_cycle_anchor") == "now",
        trial_end=now if trial_end == "now" else trial_end,
        error_if_incomplete=params.get("payment_behavior") == "error_if_incomplete",
    )


def planned(sandbox: Sandbox, subscription: Object, new: list[Object], how: BillingOptions) -> Planned:
    """The subscription with these items; raises InvalidRequest if they are not allowed."""
    now = sandbox.clock.now()
    _check(subscription, new, how, now)
    plan = Planned(deepcopy(subscription))
    changed, old = plan.subscription, deepcopy(subscription_reads.items(subscription))
    changed["items"]["data"] = deepcopy(new)
    trial = subscription["status"] == "trialing"
    begins_trial = how.trial_end is not None and how.trial_end > now
    restarts = proration.interval_changes(old, new) or how.restart or (how.trial_end is not None)
    if how.prorate != "none" and not trial:
        plan.lines = proration.lines(sandbox, subscription, old, [] if restarts else new, at=how.at)
    if begins_trial:
        _begin_trial(changed, now, int(how.trial_end or 0))
    elif how.trial_end is not None or (restarts and not trial):
        if trial:
            changed.update(trial_end=now, status="active")
        proration.restart(sandbox, changed)
        plan.bill_now = plan.new_period = True
    elif how.prorate == "always_invoice" and plan.lines:
        plan.bill_now = True
    return plan


def apply(
    sandbox: Sandbox,
    subscription: Object,
    new: list[Object],
    how: BillingOptions,
    changes: Object | None = None,
) -> Object:
    """Change the subscription: `customer.subscription.updated`, after the invoice if one is created now."""
    if how.trial_end is not None and _ends_without_a_card(sandbox, subscription, how):
        return subscriptions.end_trial(sandbox, subscription)
    plan = planned(sandbox, subscription, new, how)
    changes = changes or {}
    watched = ("items", "status", "trial_start", "trial_end", "billing_cycle_anchor", *changes)
    previous = {
        name: deepcopy(subscription[name])
        for name in watched
        if name in changes or subscription[name] != plan.subscription[name]
    }
    subscription.update(plan.subscription)
    subscription.update(changes)
    clock = subscription["test_clock"]
    sandbox.store.schedule(
        "subscription.renew", subscription["id"], subscription_reads.period(subscription)[1], clock
    )
    subscriptions.schedule_trial_warning(sandbox, subscription)
    if plan.bill_now:
        before = subscription["latest_invoice"]
        bill_now(sandbox, subscription, plan.lines, new_period=plan.new_period)
        previous["latest_invoice"] = before
        if how.error_if_incomplete:
            subscriptions.require_paid(sandbox, subscription)
    else:
        subscription["_"]["pending_lines"] += plan.lines
    sandbox.store.update(subscription)
    sandbox.events.emit("customer.subscription.updated", subscription, previous)
    return subscription


def bill_now(sandbox: Sandbox, subscription: Object, lines: list[Object], *, new_period: bool) -> Object:
    """Create and charge an invoice now: the prorations and, with `new_period`, the period that starts."""
    invoice = draft_now(sandbox, subscription, lines, new_period=new_period)
    subscription["latest_invoice"] = invoice["id"]
    sandbox.store.update(subscription)
    invoice = invoices.finalize(sandbox, invoices.store_draft(sandbox, invoice))
    if invoice["status"] == "open":
        subscriptions.collect(sandbox, invoice)
        subscription["status"] = sandbox.require("subscription", subscription["id"])["status"]
    return invoice


def draft_now(sandbox: Sandbox, subscription: Object, lines: list[Object], *, new_period: bool) -> Object:
    """The draft of the invoice that `bill_now` creates (not stored)."""
    span = subscription_reads.period(subscription)
    if new_period:
        lines = lines + [
            invoice_lines.line(sandbox, subscription, item, subscription_reads.amount(item), span)
            for item in subscription_reads.items(subscription)
        ]
    return invoice_lines.draft(sandbox, subscription, "subscription_update", lines, (span[0], span[0]))


def items_after(
    sandbox: Sandbox, subscription: Object, wanted: list[dict[str, Any]], path: str = "items"
) -> list[Object]:
    """The items after these additions, changes and removals; raises InvalidRequest."""
    found = {item["id"]: deepcopy(item) for item in subscription_reads.items(subscription)}
    for index, change in enumerate(wanted):
        param = f"{path}[{index}]"
        if change.get("id") is None:
            item = subscriptions.new_item(sandbox, subscription, priced(sandbox, change, param))
            found[item["id"]] = item
        elif change["id"] not in found:
            raise InvalidRequest(
                f"No such subscription item: '{change['id']}'", param=f"{param}[id]", code="resource_missing"
            )
        elif change.get("deleted"):
            del found[change["id"]]
        else:
            _change(sandbox, found[change["id"]], change, param)
    return list(found.values())


def priced(sandbox: Sandbox, item: dict[str, Any], path: str) -> dict[str, Any]:
    """A requested item with its price; raises InvalidRequest unless the price recurs."""
    param = f"{path}[price]" if path else "price"
    if item.get("price") is None:
        raise InvalidRequest(f"Missing required param: {param}.", param=param, code="parameter_missing")
    price = sandbox.require("price", item["price"], param=param)
    if price["type"] != "recurring":
        raise InvalidRequest(
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            "`type=recurring`.",
            param=param,
        )
    if not price["active"]:
        raise InvalidRequest(
            "The price specified is inactive. This field only accepts active prices.", param=param
        )
    return {"price": price, "quantity": item.get("quantity"), "metadata": item.get("metadata")}


def _change(sandbox: Sandbox, item: Object, change: dict[str, Any], path: str) -> None:
    if change.get("price") is not None:
        item["price"] = public(priced(sandbox, change, path)["price"])
    if change.get("quantity") is not None:
        item["quantity"] = change["quantity"]
    if "metadata" in change:
        item["metadata"] = merge_metadata(item["metadata"], change["metadata"])


def _check(subscription: Object, new: list[Object], how: BillingOptions, now: int) -> None:
    if not new:
        raise InvalidRequest("A subscription must have at least one active item.", param="items")
    if any(item["price"]["currency"] != subscription["currency"] for item in new):
        raise InvalidRequest("All items of a subscription must have the same currency.", param="items")
    rhythms = {
        (item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]) for item in new
    }
    if len(rhythms) > 1:
        raise InvalidRequest(
            "In the sandbox, all items of a subscription must have the same billing interval.", param="items"
        )
    begin, end = subscription_reads.period(subscription)
    if how.at is not None and not begin <= how.at <= end:
        raise InvalidRequest(
            "`proration_date` must lie within the current period of the subscription.", param="proration_date"
        )
    if how.trial_end is not None and how.trial_end < now:
        raise InvalidRequest(
            "Invalid timestamp: can not be in the past. Did you mean `now`?", param="trial_end"
        )


def _begin_trial(subscription: Object, now: int, until: int) -> None:
    start = subscription["trial_start"] if subscription["status"] == "trialing" else now
    subscription.update(status="trialing", trial_start=start, trial_end=until, billing_cycle_anchor=until)
    for item in subscription_reads.items(subscription):
        item.update(current_period_start=now, current_period_end=until)


def _ends_without_a_card(sandbox: Sandbox, subscription: Object, how: BillingOptions) -> bool:
    """Whether a trial ends without a card, so that the subscription can only pause or end."""
    ends = subscription["status"] == "trialing" and how.trial_end == sandbox.clock.now()
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    return (
        ends
        and behaviour != "create_invoice"
        and subscription_reads.default_method(sandbox, subscription) is None
    )
