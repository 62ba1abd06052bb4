"""A renewal on request, paid or failed."""

from typing import Any

import pytest
import stripe
from sandbox_server import Running


def subscribe(sandbox: Running, **params: Any) -> stripe.Subscription:
    """A subscription in the sandbox's own time, a day old."""
    v1 = sandbox.client.v1
    customer = v1.customers.create({"email": "a@example.com"}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    product = v1.products.create({"name": "All courses"}).id
    price = v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}}
    ).id
    wanted: Any = {
        "customer": customer,
        "items": [{"price": price}],
        "default_payment_method": card,
        **params,
    }
    made = v1.subscriptions.create(wanted)
    sandbox.control("clock", {"advance": 24 * 3600})
    return made


def test_a_renewal_is_made_to_fail_and_paid_later(sandbox: Running) -> None:
    made = subscribe(sandbox)
    failed = sandbox.control(
        f"subscriptions/{made.id}/renew", {"outcome": "fail", "decline_code": "lost_card"}
    )
    assert (failed["subscription"]["status"], failed["invoice"]["status"]) == ("past_due", "open")
    assert failed["invoice"]["billing_reason"] == "subscription_cycle"
    assert failed["invoice"]["next_payment_attempt"] is not None
    types = [event.type for event in reversed(sandbox.client.v1.events.list({"limit": 7}).data)]
    assert types == [
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]
    intent = sandbox.client.v1.payment_intents.list({"limit": 1}).data[0]
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == "lost_card"
    sandbox.control("clock", {"advance": 3 * 24 * 3600 + 60})
    assert sandbox.client.v1.subscriptions.retrieve(made.id).status == "active", "the retry uses its own card"


def test_a_renewal_is_made_to_succeed_whatever_the_card(sandbox: Running) -> None:
    made = subscribe(sandbox)
    broken = sandbox.client.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": str(made.customer)}
    )
    sandbox.client.v1.subscriptions.update(made.id, {"default_payment_method": broken.id})
    paid = sandbox.control(f"subscriptions/{made.id}/renew", {"outcome": "succeed"})
    assert (paid["subscription"]["status"], paid["invoice"]["status"]) == ("active", "paid")
    sandbox.control("clock", {"advance": 3600})
    own = sandbox.control(f"subscriptions/{made.id}/renew")
    assert own["subscription"]["status"] == "past_due"


def test_the_next_period_follows_on_the_renewal(sandbox: Running) -> None:
    made = subscribe(sandbox)
    renewed = sandbox.control(f"subscriptions/{made.id}/renew")["subscription"]
    item = renewed["items"]["data"][0]
    assert item["current_period_start"] == renewed["billing_cycle_anchor"]
    assert 27 * 86_400 < item["current_period_end"] - item["current_period_start"] < 32 * 86_400
    assert len(sandbox.client.v1.invoices.list({"subscription": made.id}).data) == 2
    sandbox.control("clock", {"advance": 32 * 86_400})
    assert len(sandbox.client.v1.invoices.list({"subscription": made.id}).data) == 3, "and goes on from there"


@pytest.mark.parametrize("ended", [True, False])
def test_what_does_not_renew(sandbox: Running, ended: bool) -> None:
    made = subscribe(sandbox)
    if ended:
        sandbox.client.v1.subscriptions.cancel(made.id)
    else:
        sandbox.client.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    answer = sandbox.http.post(f"/_sandbox/subscriptions/{made.id}/renew", json={})
    assert answer.status_code == 400
    assert "does not renew" in answer.json()["error"]["message"]


def test_wrong_requests_for_a_renewal(sandbox: Running) -> None:
    made = subscribe(sandbox)
    for id_, body, status in (
        ("sub_nobody", {}, 404),
        (made.id, {"outcome": "explode"}, 400),
        (made.id, {"decline_code": "x"}, 400),
        (made.id, {"more": 1}, 400),
    ):
        assert sandbox.http.post(f"/_sandbox/subscriptions/{id_}/renew", json=body).status_code == status
    assert len(sandbox.client.v1.invoices.list({"subscription": made.id}).data) == 1
