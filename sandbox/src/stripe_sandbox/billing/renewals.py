"""Renewals before their time, and payments of open invoices by the customer."""

from __future__ import annotations

from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.billing import subscription_reads
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import methods as payment_methods


def renew_now(sandbox: Sandbox, subscription: Object, *, fails: bool) -> Object:
    """End the period now, and charge the next one; with `fails` the card is declined. Later retries charge
    the subscription's own card again. Returns the subscription; raises InvalidRequest if it cannot renew.
    """
    if subscription["status"] not in ("active", "trialing", "past_due", "unpaid"):
        raise InvalidRequest(f"A subscription that is {subscription['status']} does not renew.", param="id")
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        now = sandbox.clock.now()
        for item in subscription_reads.items(subscription):
            item["current_period_end"] = now
        subscription["billing_cycle_anchor"] = now
        if subscription["cancel_at_period_end"]:
            subscription["cancel_at"] = now
        if subscription["trial_end"] is not None:
            subscription["trial_end"] = min(subscription["trial_end"], now)
        sandbox.store.update(subscription)
        subscriptions.renew_due(sandbox, subscription["id"])
        renewed = sandbox.require("subscription", subscription["id"])
        invoice = sandbox.store.get(renewed["latest_invoice"] or "", "invoice")
        if invoice is not None and invoice["status"] == "draft":
            sandbox.store.unschedule("invoice.finalize", invoice["id"])
            invoice = invoices.finalize(sandbox, invoice)
            if invoice["status"] == "open":
                subscriptions.collect(sandbox, invoice, _declined_card(sandbox) if fails else None)
    return sandbox.require("subscription", subscription["id"])


def _declined_card(sandbox: Sandbox) -> Object:
    return payment_methods.card_payment_method(sandbox, cards.BY_NAME["attaches_then_declines"])


def follow(sandbox: Sandbox, intent: Object) -> None:
    """The customer has attempted to pay an invoice's intent: update the invoice and the subscription."""
    invoice = sandbox.store.get(intent["_"].get("invoice") or "", "invoice")
    if invoice is None or invoice["status"] != "open":
        return
    if intent["status"] in ("succeeded", "requires_payment_method"):
        with sandbox.clock.at(sandbox.time_of(invoice["test_clock"])):
            subscriptions.settle(sandbox, invoice, intent)
