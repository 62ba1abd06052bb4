"""Subscriptions on a test clock: start, renewal, failure, plan change, end."""

import pytest
import stripe
from sandbox_outcomes import CHARGED, REFUSED
from sandbox_server import Running
from sandbox_stage import DAY, START, Stage, at

RENEWED = [
    "invoice.created",
    "customer.subscription.updated",
    "invoice.finalized",
    "payment_intent.created",
    *CHARGED,
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice_payment.paid",
]


def test_checkout_sells_a_subscription(sandbox: Running) -> None:
    price = sandbox.price()
    session = sandbox.session(
        mode="subscription",
        line_items=[{"price": price, "quantity": 1}],
        payment_intent_data=None,
        subscription_data={"metadata": {"order_id": "ord_1"}},
    )
    declined = sandbox.pay(session.id, "4000000000000002")
    assert declined["status"] == "declined"
    assert sandbox.client.v1.subscriptions.list({"status": "all"}).data == [], (
        "a decline creates no subscription"
    )
    done = sandbox.pay(session.id)
    assert done["status"] == "succeeded"
    assert {event["type"] for event in done["events"]} >= {
        "charge.succeeded",
        "customer.created",
        "payment_method.attached",
        "customer.subscription.created",
        "payment_intent.succeeded",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.completed",
    }
    found = sandbox.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription", "invoice.payments", "customer"]}
    )
    assert found.payment_intent is None
    assert isinstance(found.subscription, stripe.Subscription)
    assert (found.subscription.status, found.subscription.metadata["order_id"]) == ("active", "ord_1")
    assert isinstance(found.invoice, stripe.Invoice)
    assert (found.invoice.status, found.invoice.billing_reason) == ("paid", "subscription_create")
    assert found.invoice.parent is not None
    assert found.invoice.parent.subscription_details is not None
    assert found.invoice.parent.subscription_details.subscription == found.subscription.id
    assert found.invoice.payments is not None
    assert len(found.invoice.payments.data) == 1
    sandbox.control("clock", {"advance": 20})
    tied = sandbox.client.v1.events.list({"type": "invoice_payment.paid"}).data
    assert [event.data.object["invoice"] for event in tied] == [found.invoice.id]


def test_it_renews_on_the_last_day_of_short_months(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    assert subscription.status == "active"
    assert subscription["items"].data[0].current_period_end == at(2027, 2, 28)
    caused = stage.advance(at(2027, 2, 28, 12) + 1800)
    assert caused == ["invoice_payment.paid", *RENEWED[:2]], "the draft stays open for an hour"
    assert stage.advance(at(2027, 2, 28, 14)) == RENEWED[2:]
    renewed = stage.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert renewed["items"].data[0].current_period_end == at(2027, 3, 31), "the 31st is not lost in February"
    assert isinstance(renewed.latest_invoice, stripe.Invoice)
    assert (renewed.latest_invoice.billing_reason, renewed.latest_invoice.status) == (
        "subscription_cycle",
        "paid",
    )
    assert renewed.latest_invoice.created == at(2027, 2, 28)
    updated = next(event for event in stage.events() if event.type == "customer.subscription.updated")
    assert updated.data.previous_attributes is not None
    assert "items" in updated.data.previous_attributes
    stage.advance(at(2027, 5, 31, 14))
    assert len(stage.v1.invoices.list({"subscription": subscription.id}).data) == 5


def test_failed_renewal_is_retried_and_then_cancels(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.use_card("pm_card_chargeCustomerFail")
    caused = stage.advance(at(2027, 2, 28, 14))
    assert caused[-5:] == [
        "payment_intent.created",
        *REFUSED,
        "invoice.payment_failed",
        "customer.subscription.updated",
    ]
    assert stage.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    invoice = stage.v1.invoices.list({"status": "open"}).data[0]
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (1, at(2027, 3, 3, 13))
    caused = stage.advance(at(2027, 3, 20))
    assert caused.count("invoice.payment_failed") == 3
    assert caused[-1] == "customer.subscription.deleted"
    ended = stage.v1.subscriptions.retrieve(subscription.id)
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.reason == "payment_failed"
    assert stage.advance(at(2027, 5, 1)) == []


def test_new_card_recovers_a_failed_renewal(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.use_card("pm_card_chargeCustomerFail")
    stage.advance(at(2027, 2, 28, 14))
    invoice = stage.v1.invoices.list({"status": "open"}).data[0]
    with pytest.raises(stripe.CardError):
        stage.v1.invoices.pay(invoice.id)
    stage.use_card("pm_card_visa")
    assert stage.v1.invoices.pay(invoice.id).status == "paid"
    assert stage.v1.subscriptions.retrieve(subscription.id).status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        stage.v1.invoices.pay(invoice.id)


@pytest.mark.parametrize(("in_the_end", "status"), [("unpaid", "unpaid"), ("past_due", "past_due")])
def test_status_after_the_last_retry_is_configurable(sandbox: Running, in_the_end: str, status: str) -> None:
    sandbox.control("dunning", {"retry_days": [1], "in_the_end": in_the_end})
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.use_card("pm_card_chargeCustomerFail")
    stage.advance(at(2027, 3, 5))
    assert stage.v1.subscriptions.retrieve(subscription.id).status == status


def test_cancellation_at_period_end_is_undone(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    ending = stage.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (ending.cancel_at_period_end, ending.cancel_at, ending.status) == (True, at(2027, 2, 28), "active")
    event = stage.events()[-1]
    assert event.type == "customer.subscription.updated"
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes["cancel_at_period_end"] is False
    going_on = stage.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (going_on.cancel_at, going_on.canceled_at) == (None, None)
    stage.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert stage.advance(at(2027, 3, 1))[-1] == "customer.subscription.deleted"
    ended = stage.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", at(2027, 2, 28))
    with pytest.raises(stripe.InvalidRequestError):
        stage.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})


def test_immediate_cancellation_deletes_the_subscription(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    ended = stage.v1.subscriptions.cancel(subscription.id, {"cancellation_details": {"feedback": "unused"}})
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.feedback == "unused"
    assert stage.events()[-1].type == "customer.subscription.deleted"
    assert stage.v1.subscriptions.list({"customer": stage.customer}).data == []
    assert len(stage.v1.subscriptions.list({"customer": stage.customer, "status": "all"}).data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        stage.v1.subscriptions.cancel(subscription.id)


def test_trial_emits_a_warning_and_becomes_paid(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe(trial_period_days=14)
    assert (subscription.status, subscription.trial_end) == ("trialing", START + 14 * DAY)
    first = stage.v1.invoices.retrieve(str(subscription.latest_invoice))
    assert (first.amount_due, first.status) == (0, "paid")
    assert stage.advance(START + 12 * DAY) == ["customer.subscription.trial_will_end"]
    caused = stage.advance(START + 15 * DAY)
    assert caused == RENEWED
    assert stage.v1.subscriptions.retrieve(subscription.id).status == "active"


@pytest.mark.parametrize(("behaviour", "status"), [("cancel", "canceled"), ("pause", "paused")])
def test_trial_without_a_card_follows_its_settings(sandbox: Running, behaviour: str, status: str) -> None:
    stage = Stage(sandbox)
    for method in stage.v1.payment_methods.list({"customer": stage.customer}).data:
        stage.v1.payment_methods.detach(method.id)
    subscription = stage.subscribe(
        trial_period_days=7, trial_settings={"end_behavior": {"missing_payment_method": behaviour}}
    )
    stage.advance(START + 8 * DAY)
    assert stage.v1.subscriptions.retrieve(subscription.id).status == status
    if status == "paused":
        stage.use_card("pm_card_visa")
        assert (
            stage.v1.subscriptions.resume(subscription.id, {"billing_cycle_anchor": {"type": "now"}}).status
            == "active"
        )


def test_failed_first_payment_leaves_it_incomplete_until_it_expires(sandbox: Running) -> None:
    stage = Stage(sandbox, "pm_card_chargeCustomerFail")
    subscription = stage.subscribe()
    assert subscription.status == "incomplete"
    with pytest.raises(stripe.CardError):
        stage.subscribe(payment_behavior="error_if_incomplete")
    assert len(stage.v1.subscriptions.list({"status": "all"}).data) == 1, (
        "the refused subscription does not exist"
    )
    stage.advance(START + DAY)
    assert stage.v1.subscriptions.retrieve(subscription.id).status == "incomplete_expired"


def test_switching_the_plan_is_prorated_on_the_next_invoice(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    item = subscription["items"].data[0].id
    dearer = stage.price(4000)
    changed = stage.v1.subscriptions.update(subscription.id, {"items": [{"id": item, "price": dearer}]})
    assert changed["items"].data[0].price.id == dearer
    assert changed["items"].data[0].id == item
    preview = stage.v1.invoices.create_preview({"subscription": subscription.id})
    assert [line.amount for line in preview.lines.data] == [-1000, 2000, 4000]
    stage.advance(at(2027, 2, 28, 14))
    invoice = stage.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert (invoice.amount_paid, invoice.billing_reason) == (5000, "subscription_cycle")


def test_immediate_switch_to_a_yearly_plan_bills_and_restarts_the_period(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    item = subscription["items"].data[0].id
    stage.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item, "price": stage.price(4000)}], "proration_behavior": "always_invoice"},
    )
    invoice = stage.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert (invoice.amount_paid, invoice.billing_reason) == (1000, "subscription_update")
    yearly = stage.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item, "price": stage.price(20000, "year")}]}
    )
    assert yearly["items"].data[0].current_period_end == at(2028, 2, 14)
    invoice = stage.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert invoice.amount_paid == 18000, "the unused half of 40.00 is credited"


def test_discount_lasts_as_long_as_its_coupon(sandbox: Running) -> None:
    stage = Stage(sandbox)
    coupon = stage.v1.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 2})
    subscription = stage.subscribe(discounts=[{"coupon": coupon.id}])
    stage.advance(at(2027, 4, 30, 14))
    amounts = [
        invoice.amount_paid for invoice in stage.v1.invoices.list({"subscription": subscription.id}).data
    ]
    assert amounts[::-1] == [1000, 1000, 2000, 2000]


def test_invalid_subscription_parameters_are_refused(sandbox: Running) -> None:
    stage = Stage(sandbox)
    once = stage.v1.prices.create({"product": stage.product, "currency": "usd", "unit_amount": 100})
    with pytest.raises(stripe.InvalidRequestError, match="type=one_time"):
        stage.subscribe(items=[{"price": once.id}])
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stage.v1.subscriptions.create({"customer": stage.customer})
    assert (caught.value.param, caught.value.code) == ("items", "parameter_missing")
    with pytest.raises(stripe.InvalidRequestError, match="recurring price"):
        sandbox.session(line_items=[{"price": stage.monthly, "quantity": 1}])
    with pytest.raises(stripe.InvalidRequestError, match="moved forward"):
        stage.v1.test_helpers.test_clocks.advance(stage.clock, {"frozen_time": START})


def test_deleting_the_customer_ends_its_subscriptions(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.v1.customers.delete(stage.customer)
    assert stage.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_clock_advances_after_a_customer_with_a_draft_is_deleted(sandbox: Running) -> None:
    stage, other = Stage(sandbox), Stage(sandbox)
    stage.subscribe()
    stage.advance(at(2027, 2, 28) + 60)
    stage.v1.customers.delete(stage.customer)
    assert stage.advance(at(2027, 3, 1)) == [], "the draft has no customer, so it is not finalized"
    other.subscribe()
    assert other.advance(at(2027, 2, 28, 14))[-1] == "invoice_payment.paid"


def test_an_open_invoice_is_voided(sandbox: Running) -> None:
    stage = Stage(sandbox, "pm_card_chargeCustomerFail")
    subscription = stage.subscribe()
    assert stage.v1.invoices.void_invoice(str(subscription.latest_invoice)).status == "void"
    assert stage.events()[-1].type == "invoice.voided"


def test_an_invoice_without_a_subscription(sandbox: Running) -> None:
    stage = Stage(sandbox)
    item = stage.v1.invoice_items.create(
        {"customer": stage.customer, "amount": 1500, "currency": "usd", "description": "A lesson"}
    )
    invoice = stage.v1.invoices.create({"customer": stage.customer, "metadata": {"a": "b"}})
    assert (invoice.status, invoice.amount_due, invoice.billing_reason) == ("draft", 1500, "manual")
    assert invoice.lines.data[0].description == "A lesson"
    assert stage.v1.invoice_items.retrieve(item.id).invoice == invoice.id
    assert stage.v1.invoices.finalize_invoice(invoice.id).status == "open"
    stage.use_card("pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError):
        stage.v1.invoices.pay(invoice.id)
    assert stage.events()[-1].type == "invoice.payment_failed"
    stage.use_card("pm_card_visa")
    assert stage.v1.invoices.pay(invoice.id).status == "paid"
    empty = stage.v1.invoices.create({"customer": stage.customer})
    assert empty.amount_due == 0, "invoiced items are no longer pending"
