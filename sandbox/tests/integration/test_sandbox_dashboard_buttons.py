"""The buttons of the dashboard."""

from typing import Any

from dashboard_client import get, press, subscribe
from sandbox_server import Running


def test_payment_is_refunded_disputed_and_the_dispute_closed(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    intent = sandbox.pay(sandbox.session().id)["payment_intent"]["id"]
    assert "is not an amount" in press(sandbox, "refund", id=intent, amount="much")
    assert "above zero" in press(sandbox, "refund", id=intent, amount="-1")
    assert "greater than" in press(sandbox, "refund", id=intent, amount="99.90")
    assert press(sandbox, "refund", id=intent, amount="4.50") == "Refunded 4.50 USD (succeeded)."
    assert "was returned to the account" in press(sandbox, "fail-refund", id=v1.refunds.list().data[0].id)
    assert v1.refunds.list().data[0].status == "failed"
    assert "disputed" in press(sandbox, "dispute", id=intent, reason="fraudulent")
    assert "charged back" in press(sandbox, "refund", id=intent)
    dispute = v1.disputes.list().data[0].id
    assert press(sandbox, "close-dispute", id=dispute, outcome="won") == "The dispute is won."
    assert "can no longer" in press(sandbox, "close-dispute", id=dispute, outcome="lost")
    other = sandbox.pay(sandbox.session().id)["payment_intent"]["id"]
    assert "warning needs response" in press(sandbox, "dispute", id=other, inquiry="yes")
    assert v1.disputes.list().data[0].status == "warning_needs_response"
    assert "early fraud warning was created" in press(sandbox, "early-fraud-warning", id=other)


def test_buttons_settle_and_authenticate_pending_payments(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    session = sandbox.session().id
    assert "3-D Secure" in press(sandbox, "pay-session", id=session, card="3ds2")
    intent = str(v1.checkout.sessions.retrieve(session).payment_intent)
    assert press(sandbox, "authenticate", id=intent, outcome="fail") == "3-D Secure failed."
    assert (
        press(sandbox, "pay-session", id=session, card="insufficient_funds")
        == "Your card has insufficient funds."
    )
    assert v1.payment_intents.retrieve(intent).last_payment_error is not None, "the decline is recorded"
    assert press(sandbox, "pay-session", id=session, card="bank_debit") == "The session is complete: unpaid."
    assert press(sandbox, "settle-payment", id=intent, outcome="succeed") == "The payment is now succeeded."
    open_ = sandbox.session().id
    assert press(sandbox, "expire-session", id=open_) == "The session has expired."
    assert "is expired" in press(sandbox, "pay-session", id=open_, card="visa")
    waiting = v1.payment_intents.create({"amount": 100, "currency": "usd"}).id
    assert press(sandbox, "cancel-payment", id=waiting) == "The payment is canceled."


def test_renewal_fails_and_is_paid_later(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    subscription = subscribe(sandbox)
    assert press(sandbox, "renew-subscription", id=subscription, outcome="fail").endswith("past due.")
    types = [event.type for event in v1.events.list({"limit": 40}).data][::-1]
    order = ["invoice.created", "invoice.finalized", "charge.failed", "invoice.payment_failed"]
    assert [one for one in types[types.index("customer.subscription.created") :] if one in order] == order
    invoice: Any = v1.subscriptions.retrieve(subscription, {"expand": ["latest_invoice"]}).latest_invoice
    assert (invoice.status, invoice.attempt_count, invoice.billing_reason) == (
        "open",
        1,
        "subscription_cycle",
    )
    assert invoice.next_payment_attempt is not None
    assert press(sandbox, "pay-invoice", id=invoice.id) == "The invoice is paid."
    assert v1.subscriptions.retrieve(subscription).status == "active"
    before = v1.subscriptions.retrieve(subscription)["items"].data[0].current_period_end
    assert press(sandbox, "renew-subscription", id=subscription, outcome="succeed").endswith("active.")
    assert v1.subscriptions.retrieve(subscription)["items"].data[0].current_period_end >= before
    assert (
        press(sandbox, "cancel-subscription", id=subscription, when="period_end")
        == "The subscription ends with its period."
    )
    assert (
        press(sandbox, "cancel-subscription", id=subscription, when="never") == "The subscription continues."
    )
    press(sandbox, "cancel-subscription", id=subscription, when="period_end")
    assert press(sandbox, "renew-subscription", id=subscription).endswith("canceled.")
    assert "does not renew" in press(sandbox, "renew-subscription", id=subscription)


def test_renew_control_refuses_unknown_outcomes_and_subscriptions(sandbox: Running) -> None:
    subscription = subscribe(sandbox, trial_period_days=7)
    renewed = sandbox.control(f"subscriptions/{subscription}/renew", {"outcome": "fail"})
    assert renewed["status"] == "past_due"
    wrong = sandbox.http.post(f"/_sandbox/subscriptions/{subscription}/renew", json={"outcome": "maybe"})
    assert wrong.status_code == 400
    assert sandbox.http.post("/_sandbox/subscriptions/sub_none/renew").status_code == 404


def test_webhooks_are_held_released_replayed_and_dropped(sandbox: Running) -> None:
    v1 = sandbox.client.v1
    press(sandbox, "configure-webhooks", hold="yes", copies="2")
    assert "Deliveries are held." in get(sandbox, "/")
    v1.customers.create({"email": "a@example.com"})
    assert "Held deliveries: 2" in get(sandbox, "/dashboard/webhooks")
    assert press(sandbox, "release-webhooks", order="newest_first").startswith("2 deliveries")
    sandbox.receiver.wait_for(2)
    press(sandbox, "configure-webhooks", copies="1", drop_next="1", drop_types="customer.created")
    v1.customers.create({"email": "b@example.com"})
    sandbox.control("webhooks/drain")
    assert "dropped by a control" in get(sandbox, "/dashboard/deliveries?state=dropped")
    dropped = sandbox.http.get("/_sandbox/deliveries?state=dropped").json()["data"][0]
    assert press(sandbox, "retry-delivery", id=dropped["id"]) == "The delivery is being attempted again."
    sandbox.receiver.wait_for(3)
    sandbox.control("webhooks/drain")
    assert "already acknowledged" in press(sandbox, "retry-delivery", id=dropped["id"])
    assert press(sandbox, "replay-event", id=dropped["event"], copies="3").startswith("3 deliveries")
    sandbox.receiver.wait_for(6)
    assert "Invalid input" in press(sandbox, "replay-event", id=dropped["event"], copies="1000")
    assert "Invalid input" in press(sandbox, "configure-webhooks", delay_ms="soon")


def test_pause_roll_a_secret_and_switch_an_endpoint_off(sandbox: Running) -> None:
    endpoint = sandbox.client.v1.webhook_endpoints.list().data[0].id
    assert "until you resume" in press(sandbox, "pause-webhooks", paused="yes")
    assert "Deliveries are paused." in get(sandbox, "/")
    press(sandbox, "pause-webhooks", paused="no")
    assert "whsec_other; the old one also signs" in press(
        sandbox, "roll-secret", id=endpoint, secret="whsec_other", keep_old="yes"
    )
    sandbox.client.v1.customers.create({"email": "a@example.com"})
    sandbox.receiver.wait_for(1)
    assert sandbox.receiver.received[0].signature.count("v1=") == 2
    assert "Invalid input" in press(sandbox, "roll-secret", id=endpoint, secret="other")
    assert press(sandbox, "switch-endpoint", id=endpoint, status="disabled") == "The endpoint is disabled."
    assert press(sandbox, "switch-endpoint", id=endpoint, status="enabled") == "The endpoint is enabled."
    press(sandbox, "roll-secret", id=endpoint, secret="whsec_test_receiver")


def test_buttons_control_time_outages_dunning_history_and_reset(sandbox: Running) -> None:
    sandbox.session()
    assert "1 timers ran" in press(sandbox, "move-clock", advance="100000")
    assert "(sandbox clock" in get(sandbox, "/")
    assert (
        press(sandbox, "move-clock", back="/dashboard/sandbox", to_present="yes")
        == "The clock shows the present again."
    )
    assert "number of seconds" in press(sandbox, "move-clock", advance="-5")
    press(sandbox, "fail-calls", status="503", next="1")
    assert "fail with 503" in get(sandbox, "/dashboard/sandbox")
    assert sandbox.http.get("/v1/events", headers={"Authorization": "Bearer sk_test_x"}).status_code == 503
    press(sandbox, "fail-calls", status="503", next="")
    assert press(sandbox, "fail-calls", end="yes") == "The API works again."
    assert "1, 2 days; then: unpaid" in press(sandbox, "set-dunning", retry_days="1, 2", in_the_end="unpaid")
    assert "Invalid input" in press(sandbox, "set-dunning", retry_days="soon")
    assert press(sandbox, "make-history", orders="5", days="10", seed="3").startswith("5 orders of 10 days")
    assert "Tick the box" in press(sandbox, "reset")
    assert "was deleted" in press(sandbox, "reset", sure="yes")
    assert sandbox.client.v1.checkout.sessions.list().data == []


def test_a_test_clock_is_moved(sandbox: Running) -> None:
    clock = sandbox.client.v1.test_helpers.test_clocks.create({"frozen_time": 1_800_000_000}).id
    assert clock in get(sandbox, "/dashboard/sandbox")
    assert "test clock was moved" in press(sandbox, "move-test-clock", id=clock, advance="86400")
    assert sandbox.client.v1.test_helpers.test_clocks.retrieve(clock).frozen_time == 1_800_086_400
    assert "moved forward" in press(sandbox, "move-test-clock", id=clock, advance="0")
