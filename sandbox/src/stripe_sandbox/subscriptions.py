"""Subscriptions: begin, renew, fall behind, end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_sandbox import discounts, invoices, payments, periods, prices
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object, public

DAY = 24 * 3600
LIVE = ("active", "trialing", "past_due", "unpaid", "incomplete", "paused")
INCOMPLETE_SECONDS = 23 * 3600


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new subscription shall be."""

    customer: str
    items: list[dict[str, Any]]
    currency: str
    metadata: dict[str, str]
    description: str | None = None
    default_payment_method: str | None = None
    trial_end: int | None = None
    missing_payment_method: str = "create_invoice"
    cancel_at_period_end: bool = False
    discount: tuple[Object, Object | None] | None = None


def build(sandbox: Sandbox, wish: Wish) -> Object:
    """Store a new subscription with status `incomplete`, or `trialing`; nothing is invoiced or
    announced yet.
    """
    customer = sandbox.require("customer", wish.customer, param="customer")
    now = sandbox.clock.now()
    start_end = now if wish.trial_end is None else wish.trial_end
    subscription = sandbox.new(
        "sub",
        "subscription",
        application=None,
        application_fee_percent=None,
        automatic_tax={"disabled_reason": None, "enabled": False, "liability": None},
        billing_cycle_anchor=start_end,
        billing_cycle_anchor_config=None,
        billing_mode={"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": now},
        billing_schedules=[],
        billing_thresholds=None,
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        currency=wish.currency,
        customer=customer["id"],
        customer_account=None,
        days_until_due=None,
        default_payment_method=wish.default_payment_method,
        default_source=None,
        default_tax_rates=[],
        description=wish.description,
        discounts=[],
        ended_at=None,
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        items={"object": "list", "data": [], "has_more": False, "url": ""},
        latest_invoice=None,
        metadata=wish.metadata,
        next_pending_invoice_item_invoice=None,
        on_behalf_of=None,
        pause_collection=None,
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        pending_invoice_item_interval=None,
        pending_setup_intent=None,
        pending_update=None,
        schedule=None,
        start_date=now,
        status="incomplete" if wish.trial_end is None else "trialing",
        test_clock=customer["test_clock"],
        transfer_data=None,
        trial_end=wish.trial_end,
        trial_settings={"end_behavior": {"missing_payment_method": wish.missing_payment_method}},
        trial_start=None if wish.trial_end is None else now,
        _={"pending_lines": []},
    )
    subscription["items"]["url"] = f"/v1/subscription_items?subscription={subscription['id']}"
    for item in wish.items:
        recurring = item["price"]["recurring"]
        end = wish.trial_end or periods.end_of_period(
            now, now, recurring["interval"], recurring["interval_count"]
        )
        subscription["items"]["data"].append(_item(sandbox, subscription, item, now, end))
    if wish.discount is not None:
        _add_discount(sandbox, subscription, *wish.discount)
    if wish.cancel_at_period_end:
        _mark_cancel(subscription, period(subscription)[1], now)
    sandbox.store.insert(subscription)
    sandbox.store.schedule(
        "subscription.renew", subscription["id"], period(subscription)[1], subscription["test_clock"]
    )
    if wish.trial_end is not None and wish.trial_end - now > 3 * DAY:
        sandbox.store.schedule(
            "subscription.trial_will_end",
            subscription["id"],
            wish.trial_end - 3 * DAY,
            subscription["test_clock"],
        )
    return subscription


def period(subscription: Object) -> tuple[int, int]:
    """The current period of the first item."""
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def first_invoice(sandbox: Sandbox, subscription: Object) -> Object:
    """The draft of the invoice that begins a subscription (stored); zero while it is on trial."""
    span = period(subscription)
    trial = subscription["status"] == "trialing"
    lines = [
        invoices.line(sandbox, subscription, item, 0 if trial else amount(item), span)
        for item in items(subscription)
    ]
    invoice = invoices.draft(sandbox, subscription, "subscription_create", lines, (span[0], span[0]))
    subscription["latest_invoice"] = invoice["id"]
    sandbox.store.update(subscription)
    return invoices.store_draft(sandbox, invoice)


def start(sandbox: Sandbox, wish: Wish, *, pay: bool) -> Object:
    """A subscription made by the API: invoice, finalisation and (with `pay`) the first attempt to charge."""
    subscription = build(sandbox, wish)
    invoice = invoices.finalize(sandbox, first_invoice(sandbox, subscription))
    if invoice["status"] == "paid":
        if subscription["status"] == "incomplete":
            subscription["status"] = "active"
    else:
        intent = invoices.payment_intent(sandbox, invoice)
        method = default_method(sandbox, subscription)
        if pay and method is not None:
            payments.confirm(sandbox, intent, method, off_session=True)
        if intent["status"] == "succeeded":
            subscription["status"] = "active"
            invoices.mark_paid(sandbox, invoice, intent)
        else:
            if pay and method is not None:
                invoices.mark_failed(sandbox, invoice, intent, None)
            sandbox.store.schedule(
                "subscription.incomplete_expire",
                subscription["id"],
                sandbox.clock.now() + INCOMPLETE_SECONDS,
                subscription["test_clock"],
            )
    sandbox.store.update(subscription)
    sandbox.events.emit("customer.subscription.created", subscription)
    return subscription


def items(subscription: Object) -> list[Object]:
    """The subscription's items."""
    found: list[Object] = subscription["items"]["data"]
    return found


def amount(item: Object) -> int:
    """What an item costs for one period, in minor units."""
    return prices.amount_in({**item["price"], "_": {}}, None, "price")[0] * int(item["quantity"])


def default_method(sandbox: Sandbox, subscription: Object) -> Object | None:
    """The card that pays: the subscription's own, else the customer's default."""
    own = subscription["default_payment_method"]
    if own is not None:
        return sandbox.store.get(own, "payment_method")
    return customer_default(sandbox, subscription["customer"])


def customer_default(sandbox: Sandbox, id_: str) -> Object | None:
    """The customer's default card."""
    customer = sandbox.store.get(id_, "customer")
    method = None if customer is None else customer["invoice_settings"]["default_payment_method"]
    return None if method is None else sandbox.store.get(method, "payment_method")


def renew_due(sandbox: Sandbox, subject: str) -> None:
    """The period is over: the subscription ends, leaves its trial or begins the next period."""
    subscription = sandbox.require("subscription", subject)
    if subscription["status"] not in ("active", "trialing", "past_due", "unpaid"):
        return
    now = sandbox.clock.now()
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= now:
        end(sandbox, subscription)
        return
    if subscription["status"] == "trialing" and default_method(sandbox, subscription) is None:
        behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        if behaviour == "cancel":
            end(sandbox, subscription, reason="payment_failed")
            return
        if behaviour == "pause":
            sandbox.events.changed(subscription, "customer.subscription.updated", status="paused")
            sandbox.events.emit("customer.subscription.paused", subscription)
            return
    _next_period(sandbox, subscription)


def _next_period(sandbox: Sandbox, subscription: Object) -> None:
    start_, status = period(subscription)[1], subscription["status"]
    before = [dict(public(item)) for item in items(subscription)]
    for item in items(subscription):
        recurring = item["price"]["recurring"]
        item["current_period_start"] = start_
        item["current_period_end"] = periods.end_of_period(
            subscription["billing_cycle_anchor"], start_, recurring["interval"], recurring["interval_count"]
        )
    span = period(subscription)
    lines = [invoices.line(sandbox, subscription, item, amount(item), span) for item in items(subscription)]
    lines += subscription["_"]["pending_lines"]
    subscription["_"]["pending_lines"] = []
    invoice = invoices.draft(
        sandbox, subscription, "subscription_cycle", lines, (before[0]["current_period_start"], start_)
    )
    previous: dict[str, Any] = {
        "items": {**subscription["items"], "data": before},
        "latest_invoice": subscription["latest_invoice"],
    }
    invoice["automatically_finalizes_at"] = sandbox.clock.now() + invoices.DRAFT_SECONDS
    subscription["latest_invoice"] = invoice["id"]
    if status == "trialing":
        previous["status"], subscription["status"] = status, "active"
    invoices.store_draft(sandbox, invoice)
    sandbox.store.update(subscription)
    sandbox.events.emit("customer.subscription.updated", subscription, previous)
    sandbox.store.schedule("subscription.renew", subscription["id"], span[1], subscription["test_clock"])
    # An unpaid subscription goes on making drafts that nobody collects.
    if subscription["status"] != "unpaid":
        sandbox.store.schedule(
            "invoice.finalize",
            invoice["id"],
            sandbox.clock.now() + invoices.DRAFT_SECONDS,
            subscription["test_clock"],
        )


def finalize_due(sandbox: Sandbox, subject: str) -> None:
    """A renewal's draft becomes final and is charged."""
    invoice = sandbox.require("invoice", subject)
    if invoice["status"] == "draft":
        invoice = invoices.finalize(sandbox, invoice)
        if invoice["status"] == "open":
            collect(sandbox, invoice)


def retry_due(sandbox: Sandbox, subject: str) -> None:
    """The next attempt of dunning."""
    invoice = sandbox.require("invoice", subject)
    if invoice["status"] == "open":
        collect(sandbox, invoice)


def collect(sandbox: Sandbox, invoice: Object, method: Object | None = None) -> Object:
    """Try to charge an open invoice; what comes of it changes its subscription. Returns the invoice."""
    subscription = sandbox.store.get(invoice["_"]["subscription"] or "", "subscription")
    intent = invoices.payment_intent(sandbox, invoice)
    if method is None and subscription is not None:
        method = default_method(sandbox, subscription)
    elif method is None:
        method = customer_default(sandbox, invoice["customer"])
    if method is not None:
        payments.confirm(sandbox, intent, method, off_session=True)
    return settle(sandbox, invoice, intent)


def settle(sandbox: Sandbox, invoice: Object, intent: Object) -> Object:
    """Draw the consequences of an attempt for invoice and subscription."""
    subscription = sandbox.store.get(invoice["_"]["subscription"] or "", "subscription")
    if intent["status"] == "succeeded":
        invoices.mark_paid(sandbox, invoice, intent)
        if subscription is not None and subscription["status"] in ("past_due", "incomplete", "unpaid"):
            sandbox.events.changed(subscription, "customer.subscription.updated", status="active")
        return invoice
    retries = sandbox.dunning.retry_days
    tries = invoice["attempt_count"]
    upcoming = sandbox.clock.now() + retries[tries] * DAY if tries < len(retries) else None
    if invoice["billing_reason"] == "subscription_create":
        upcoming = None
    invoices.mark_failed(sandbox, invoice, intent, upcoming)
    if subscription is None:
        if upcoming is not None:
            sandbox.store.schedule("invoice.retry", invoice["id"], upcoming, invoice["test_clock"])
        return invoice
    if subscription["status"] == "incomplete":
        return invoice
    if subscription["status"] == "active":
        sandbox.events.changed(subscription, "customer.subscription.updated", status="past_due")
    if upcoming is not None:
        sandbox.store.schedule("invoice.retry", invoice["id"], upcoming, subscription["test_clock"])
    elif sandbox.dunning.in_the_end == "cancel":
        end(sandbox, subscription, reason="payment_failed")
    elif sandbox.dunning.in_the_end == "unpaid":
        sandbox.events.changed(subscription, "customer.subscription.updated", status="unpaid")
    return invoice


def trial_will_end(sandbox: Sandbox, subject: str) -> None:
    """Three days before a trial ends."""
    subscription = sandbox.require("subscription", subject)
    if subscription["status"] == "trialing":
        sandbox.events.emit("customer.subscription.trial_will_end", subscription)


def incomplete_expire(sandbox: Sandbox, subject: str) -> None:
    """A first payment that nobody made within 23 hours."""
    subscription = sandbox.require("subscription", subject)
    if subscription["status"] == "incomplete":
        invoice = sandbox.require("invoice", subscription["latest_invoice"])
        invoices.void(sandbox, invoice)
        sandbox.store.unschedule("subscription.renew", subscription["id"])
        sandbox.events.changed(
            subscription,
            "customer.subscription.updated",
            status="incomplete_expired",
            ended_at=sandbox.clock.now(),
        )


def end(sandbox: Sandbox, subscription: Object, *, reason: str | None = "cancellation_requested") -> Object:
    """End it now: `customer.subscription.deleted`."""
    if subscription["status"] not in LIVE:
        raise InvalidRequest(
            f"No such subscription: '{subscription['id']}' is {subscription['status']} already.",
            param="id",
            code="resource_missing",
            status=404,
        )
    now = sandbox.clock.now()
    details = {**subscription["cancellation_details"]}
    details["reason"] = details["reason"] or reason
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or now,
        ended_at=now,
        cancellation_details=details,
    )
    for action in ("subscription.renew", "subscription.trial_will_end", "subscription.incomplete_expire"):
        sandbox.store.unschedule(action, subscription["id"])
    for invoice in sandbox.store.find("invoice", {"customer": subscription["customer"], "status": "open"}):
        if invoice["_"]["subscription"] == subscription["id"]:
            invoice.update(auto_advance=False, next_payment_attempt=None)
            sandbox.store.unschedule("invoice.retry", invoice["id"])
            sandbox.store.update(invoice)
    sandbox.store.update(subscription)
    sandbox.events.emit("customer.subscription.deleted", subscription)
    return subscription


def _mark_cancel(subscription: Object, at: int | None, now: int) -> None:
    details = {
        **subscription["cancellation_details"],
        "reason": None if at is None else "cancellation_requested",
    }
    subscription.update(
        cancel_at_period_end=at is not None,
        cancel_at=at,
        canceled_at=None if at is None else now,
        cancellation_details=details,
    )


def cancel_at_period_end(sandbox: Sandbox, subscription: Object, wanted: bool) -> Object:
    """Changes (not stored) that let it end with its period, or go on after all."""
    copy = dict(subscription)
    _mark_cancel(copy, period(subscription)[1] if wanted else None, sandbox.clock.now())
    return {
        name: copy[name]
        for name in ("cancel_at_period_end", "cancel_at", "canceled_at", "cancellation_details")
    }


def _item(sandbox: Sandbox, subscription: Object, wanted: dict[str, Any], begins: int, ends: int) -> Object:
    item = sandbox.new(
        "si",
        "subscription_item",
        billing_thresholds=None,
        current_period_end=ends,
        current_period_start=begins,
        discounts=[],
        metadata=wanted.get("metadata") or {},
        price=public(wanted["price"]),
        quantity=wanted.get("quantity") or 1,
        subscription=subscription["id"],
        tax_rates=[],
    )
    del item["livemode"]
    return item


def new_item(sandbox: Sandbox, subscription: Object, wanted: dict[str, Any]) -> Object:
    """An item that joins in the current period."""
    return _item(sandbox, subscription, wanted, *period(subscription))


def _add_discount(sandbox: Sandbox, subscription: Object, coupon: Object, code: Object | None) -> None:
    now, ends = sandbox.clock.now(), None
    if coupon["duration"] == "repeating":
        ends = periods.step(now, "month", coupon["duration_in_months"])
    elif coupon["duration"] == "once":
        ends = now + 1
    discount = discounts.new_discount(
        sandbox, coupon, code, customer=subscription["customer"], subscription=subscription["id"], end=ends
    )
    sandbox.store.insert(discount)
    subscription["discounts"] = [discount["id"]]
