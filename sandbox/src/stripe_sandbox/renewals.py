"""A renewal on request: the current period ends now, whatever its date, and the next is charged at once."""

from __future__ import annotations

from stripe_sandbox import subscriptions
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object


def renew_now(sandbox: Sandbox, subscription: Object, card: str | None) -> Object:
    """Renew it now; `card` names the test card that answers instead of its own. Returns the invoice.

    Raises InvalidRequest when it cannot renew: it is over, paused, waits for its first payment or ends now.
    """
    if subscription["status"] not in ("active", "trialing", "past_due", "unpaid"):
        raise InvalidRequest(f"A subscription that is {subscription['status']} does not renew.", param="id")
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        now = sandbox.clock.now()
        begun = subscriptions.period(subscription)[0]
        if subscription["cancel_at_period_end"]:
            raise InvalidRequest("The subscription ends with its period and does not renew.", param="id")
        if now <= begun:
            raise InvalidRequest("The current period has only just begun.", param="id")
        subscription["billing_cycle_anchor"] = now
        for item in subscriptions.items(subscription):
            item["current_period_end"] = now
        sandbox.store.update(subscription)
        before = subscription["latest_invoice"]
        subscriptions.renew_due(sandbox, subscription["id"])
        renewed = sandbox.require("subscription", subscription["id"])
        if renewed["latest_invoice"] == before:
            raise InvalidRequest(
                "It ends or pauses instead of renewing: there is nothing to charge.", param="id"
            )
        invoice = sandbox.require("invoice", renewed["latest_invoice"])
        invoice["_"]["card"] = card
        sandbox.store.update(invoice)
        sandbox.store.unschedule("invoice.finalize", invoice["id"])
        subscriptions.finalize_due(sandbox, invoice["id"])
        return sandbox.require("invoice", invoice["id"])
