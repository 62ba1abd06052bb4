"""The renew control, with a paid or failed renewal."""

from typing import Any

import stripe
from sandbox_outcomes import REFUSED
from sandbox_server import Running


def subscribe(sandbox: Running, **params: Any) -> stripe.Subscription:
    """A subscription without a test clock, one day old."""
    v1 = sandbox.client.v1
    customer = v1.customers.create({"email": "a@example.com"}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    price = sandbox.price()
    wanted: Any = {
        "customer": customer,
        "items": [{"price": price}],
        "default_payment_method": card,
        **params,
    }
    made = v1.subscriptions.create(wanted)
    sandbox.control("clock", {"advance": 24 * 3600})
    return made


def test_failed_renewal_is_paid_by_a_retry(sandbox: Running) -> None:
    made = subscribe(sandbox)
    failed = sandbox.control(f"subscriptions/{made.id}/renew", {"outcome": "fail"})
    invoice = sandbox.client.v1.invoices.retrieve(failed["latest_invoice"])
    assert (failed["status"], invoice.status, invoice.billing_reason) == (
        "past_due",
        "open",
        "subscription_cycle",
    )
    assert invoice.next_payment_attempt is not None
    types = [event.type for event in reversed(sandbox.client.v1.events.list({"limit": 7}).data)]
    assert types == [
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        *REFUSED,
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]
    sandbox.control("clock", {"advance": 3 * 24 * 3600 + 60})
    assert sandbox.client.v1.subscriptions.retrieve(made.id).status == "active", "the retry uses its own card"


def test_next_period_starts_at_the_renewal(sandbox: Running) -> None:
    made = subscribe(sandbox)
    renewed = sandbox.control(f"subscriptions/{made.id}/renew")
    item = renewed["items"]["data"][0]
    assert item["current_period_start"] == renewed["billing_cycle_anchor"]
    assert 27 * 86_400 < item["current_period_end"] - item["current_period_start"] < 32 * 86_400
    assert len(sandbox.client.v1.invoices.list({"subscription": made.id}).data) == 2
    sandbox.control("clock", {"advance": 32 * 86_400})
    assert len(sandbox.client.v1.invoices.list({"subscription": made.id}).data) == 3, "and goes on from there"


def test_subscription_that_cancels_at_period_end_is_not_renewed(sandbox: Running) -> None:
    made = subscribe(sandbox)
    sandbox.client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    assert sandbox.control(f"subscriptions/{made.id}/renew")["status"] == "canceled"
    answer = sandbox.http.post(f"/_sandbox/subscriptions/{made.id}/renew", json={})
    assert answer.status_code == 400
    assert "does not renew" in answer.json()["error"]["message"]
