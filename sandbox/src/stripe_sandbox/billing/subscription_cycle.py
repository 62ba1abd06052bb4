"""The life of subscriptions: start, renewal, dunning, end."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import invoice_lines, standing_discounts
from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import subscription_creation as subscription_new
from stripe_sandbox.billing.subscription_creation import SubscriptionRequest
from stripe_sandbox.billing.subscription_reads import (
    LIVE,
    amount,
    customer_default,
    default_method,
    items,
    next_period,
    period,
)
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import intents as payments

DAY = 24 * 3600
INCOMPLETE_SECONDS = 23 * 3600


def build(sandbox: Sandbox, requested: SubscriptionRequest) -> Object:
    """Store a new subscription with status `incomplete` or `trialing`; nothing is invoiced, no event is
    emitted yet.
    """
    subscription = subscription_new.new(sandbox, requested)
    if requested.discount is not None:
        standing_discounts.add(sandbox, subscription, requested.discount)
    if requested.cancel_at_period_end:
        _mark_cancel(subscription, period(subscription)[1], sandbox.clock.now())
    sandbox.store.insert(subscription)
    sandbox.store.schedule(
        "subscription.renew", subscription["id"], period(subscription)[1], subscription["test_clock"]
    )
    schedule_trial_warning(sandbox, subscription)
    return subscription


def schedule_trial_warning(sandbox: Sandbox, subscription: Object) -> None:
    """Schedule `customer.subscription.trial_will_end` three days before the trial ends, or now if it is
    shorter.
    """
    if subscription["status"] == "trialing":
        warned = max(subscription["trial_end"] - 3 * DAY, sandbox.clock.now())
        sandbox.store.schedule(
            "subscription.trial_will_end", subscription["id"], warned, subscription["test_clock"]
        )
    else:
        sandbox.store.unschedule("subscription.trial_will_end", subscription["id"])


def first_invoice(sandbox: Sandbox, subscription: Object) -> Object:
    """The first invoice of a subscription, a stored draft; its amount is zero during a trial."""
    span = period(subscription)
    trial = subscription["status"] == "trialing"
    lines = [
        invoice_lines.line(sandbox, subscription, item, 0 if trial else amount(item), span)
        for item in items(subscription)
    ]
    invoice = invoice_lines.draft(sandbox, subscription, "subscription_create", lines, (span[0], span[0]))
    subscription["latest_invoice"] = invoice["id"]
    sandbox.store.update(subscription)
    return invoices.store_draft(sandbox, invoice)


def start(sandbox: Sandbox, requested: SubscriptionRequest, *, pay: bool) -> Object:
    """Start a subscription of the API: invoice, finalization and (with `pay`) the first attempt to charge."""
    subscription = build(sandbox, requested)
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


def renew_due(sandbox: Sandbox, subject: str) -> None:
    """The period has ended: the subscription ends, leaves its trial or starts the next period."""
    subscription = sandbox.require("subscription", subject)
    if subscription["status"] not in ("active", "trialing", "past_due", "unpaid"):
        return
    now = sandbox.clock.now()
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= now:
        end(sandbox, subscription)
        return
    if subscription["status"] == "trialing" and default_method(sandbox, subscription) is None:
        behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        if behaviour != "create_invoice":
            end_trial(sandbox, subscription)
            return
    _next_period(sandbox, subscription)


def end_trial(sandbox: Sandbox, subscription: Object) -> Object:
    """A trial without a card has ended: the subscription pauses or ends, as its trial settings specify."""
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behaviour == "cancel":
        return end(sandbox, subscription, reason="payment_failed")
    now = sandbox.clock.now()
    for action in ("subscription.renew", "subscription.trial_will_end"):
        sandbox.store.unschedule(action, subscription["id"])
    sandbox.events.changed(
        subscription,
        "customer.subscription.updated",
        status="paused",
        trial_end=min(now, subscription["trial_end"]),
        status_details={
            "paused": {
                "subscription": {"type": "trial_end_without_payment_method"},
                "transitioned_at": now,
                "type": "subscription",
            }
        },
    )
    sandbox.events.emit("customer.subscription.paused", subscription)
    return subscription


def require_paid(sandbox: Sandbox, subscription: Object) -> None:
    """Raise the error that prevented the payment of the latest invoice; the operation is then rolled back."""
    invoice = sandbox.require("invoice", subscription["latest_invoice"])
    if invoice["status"] != "open":
        return
    intent = sandbox.require("payment_intent", invoice["_"]["intent"])
    if intent["last_payment_error"] is None:
        raise InvalidRequest(
            "This customer has no attached payment source or default payment method.", code="resource_missing"
        )
    error = attempts.declined(intent)
    error.keep_writes = False
    raise error


def _next_period(sandbox: Sandbox, subscription: Object) -> None:
    span, status = next_period(subscription), subscription["status"]
    start_ = span[0]
    before = [dict(public(item)) for item in items(subscription)]
    for item in items(subscription):
        item.update(current_period_start=span[0], current_period_end=span[1])
    period_lines = [
        invoice_lines.line(sandbox, subscription, item, amount(item), span) for item in items(subscription)
    ]
    lines = invoice_lines.ordered(subscription["_"]["pending_lines"], period_lines)
    subscription["_"]["pending_lines"] = []
    invoice = invoice_lines.draft(
        sandbox, subscription, "subscription_cycle", lines, (before[0]["current_period_start"], start_)
    )
    previous: dict[str, Any] = {
        "items": {**subscription["items"], "data": before},
        "latest_invoice": subscription["latest_invoice"],
    }
    invoice["automatically_finalizes_at"] = sandbox.clock.now() + invoice_lines.DRAFT_SECONDS
    subscription["latest_invoice"] = invoice["id"]
    if status == "trialing":
        previous["status"], subscription["status"] = status, "active"
    invoices.store_draft(sandbox, invoice)
    sandbox.store.update(subscription)
    sandbox.events.emit("customer.subscription.updated", subscription, previous)
    sandbox.store.schedule("subscription.renew", subscription["id"], span[1], subscription["test_clock"])
    # An unpaid subscription continues to create drafts, which are not charged.
    if subscription["status"] != "unpaid":
        sandbox.store.schedule(
            "invoice.finalize",
            invoice["id"],
            sandbox.clock.now() + invoice_lines.DRAFT_SECONDS,
            subscription["test_clock"],
        )


def finalize_due(sandbox: Sandbox, subject: str) -> None:
    """Finalize a renewal's draft and charge it."""
    invoice = sandbox.require("invoice", subject)
    if invoice["status"] == "draft":
        invoice = invoices.finalize(sandbox, invoice)
        if invoice["status"] == "open":
            collect(sandbox, invoice)


def retry_due(sandbox: Sandbox, subject: str) -> None:
    """Run the next dunning attempt."""
    invoice = sandbox.require("invoice", subject)
    if invoice["status"] == "open":
        collect(sandbox, invoice)


def collect(sandbox: Sandbox, invoice: Object, method: Object | None = None) -> Object:
    """Attempt to charge an open invoice, and update its subscription. Returns the invoice."""
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
    """Update the invoice and the subscription with the outcome of an attempt."""
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
    """Emit `customer.subscription.trial_will_end`, three days before a trial ends."""
    subscription = sandbox.require("subscription", subject)
    if subscription["status"] == "trialing":
        sandbox.events.emit("customer.subscription.trial_will_end", subscription)


def incomplete_expire(sandbox: Sandbox, subject: str) -> None:
    """Expire a subscription whose first payment was not made within 23 hours."""
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
    """End the subscription now: `customer.subscription.deleted`."""
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
    """The changes (not stored) that end the subscription with its period, or undo that."""
    copy = dict(subscription)
    _mark_cancel(copy, period(subscription)[1] if wanted else None, sandbox.clock.now())
    return {
        name: copy[name]
        for name in ("cancel_at_period_end", "cancel_at", "canceled_at", "cancellation_details")
    }


def new_item(sandbox: Sandbox, subscription: Object, wanted: dict[str, Any]) -> Object:
    """An item that is added in the current period."""
    return subscription_new.item(sandbox, subscription, wanted, *period(subscription))
