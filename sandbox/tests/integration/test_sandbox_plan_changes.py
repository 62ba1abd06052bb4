"""Trials that end early or late, and subscriptions that end with a credit."""

import pytest
import stripe
from sandbox_server import Running
from sandbox_stage import DAY, START, Stage, at


def test_trial_is_ended_immediately_and_paid(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe(trial_period_days=14)
    stage.advance(START + 2 * DAY)
    changed = stage.v1.subscriptions.update(subscription.id, {"trial_end": "now"})
    assert (changed.status, changed.trial_end) == ("active", START + 2 * DAY)
    assert changed["items"].data[0].current_period_start == START + 2 * DAY
    invoice = stage.v1.invoices.retrieve(str(changed.latest_invoice))
    assert (invoice.amount_paid, invoice.status) == (2000, "paid")
    caused = stage.advance(START + 20 * DAY)
    assert "customer.subscription.trial_will_end" not in caused
    assert "invoice.created" not in caused


def test_trial_without_a_card_is_paused_and_resumed(sandbox: Running) -> None:
    stage = Stage(sandbox, card=None)
    subscription = stage.subscribe(
        trial_period_days=7, trial_settings={"end_behavior": {"missing_payment_method": "pause"}}
    )
    paused = stage.v1.subscriptions.update(subscription.id, {"trial_end": "now"})
    assert paused.status == "paused"
    assert paused.status_details is not None
    assert stage.types()[-1] == "customer.subscription.paused"
    assert stage.advance(START + 60 * DAY) == [], "nothing renews while it is paused"
    stage.use_card("pm_card_visa")
    resumed = stage.v1.subscriptions.resume(subscription.id, {"billing_cycle_anchor": {"type": "now"}})
    assert (resumed.status, resumed.status_details) == ("active", None)
    assert "invoice.paid" in stage.advance(START + 92 * DAY)


def test_a_running_subscription_gets_a_trial(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    changed = stage.v1.subscriptions.update(subscription.id, {"trial_end": START + 24 * DAY})
    assert (changed.status, changed.trial_end) == ("trialing", START + 24 * DAY)
    assert "customer.subscription.trial_will_end" in stage.advance(START + 22 * DAY)
    stage.advance(START + 24 * DAY + 2 * 3600)
    invoice = stage.v1.invoices.list({"limit": 1}).data[0]
    assert [line.amount for line in invoice.lines.data] == [-1000, 2000], "the unused half is credited"
    for wrong in (START, 1):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.v1.subscriptions.update(subscription.id, {"trial_end": wrong})
        assert caught.value.param == "trial_end"


def test_a_new_period_begins_on_request(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    changed = stage.v1.subscriptions.update(subscription.id, {"billing_cycle_anchor": {"type": "now"}})
    assert changed.billing_cycle_anchor == START + 14 * DAY
    assert changed["items"].data[0].current_period_end == at(2027, 3, 14)
    assert stage.v1.invoices.list({"limit": 1}).data[0].amount_paid == 1000


def test_prorations_count_from_a_given_moment(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    item = subscription["items"].data[0].id
    changes = [{"id": item, "quantity": 2}]
    stage.v1.subscriptions.update(
        subscription.id,
        {"items": changes, "proration_date": START + 21 * DAY},  # type: ignore[typeddict-item]
    )
    preview = stage.v1.invoices.create_preview({"subscription": subscription.id})
    assert [line.amount for line in preview.lines.data] == [-500, 1000, 4000]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stage.v1.subscriptions.update(
            subscription.id,
            {"items": changes, "proration_date": START + 90 * DAY},  # type: ignore[typeddict-item]
        )
    assert caught.value.param == "proration_date"


def test_cancellation_credits_the_unused_time(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    ended = stage.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})
    assert ended.status == "canceled"
    invoice = stage.v1.invoices.retrieve(str(ended.latest_invoice))
    assert (invoice.total, invoice.amount_due, invoice.status) == (-1000, 0, "paid")


def test_unpaid_change_is_rolled_back_with_error_if_incomplete(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.use_card("pm_card_chargeCustomerFail")
    stage.advance(START + 14 * DAY)
    item = subscription["items"].data[0].id
    with pytest.raises(stripe.CardError):
        stage.v1.subscriptions.update(
            subscription.id,
            {
                "items": [{"id": item, "price": stage.price(4000)}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            },
        )
    found = stage.v1.subscriptions.retrieve(subscription.id)
    assert (found["items"].data[0].price.id, found.status) == (stage.monthly, "active")
    assert len(stage.v1.invoices.list().data) == 1


def test_deleting_a_clock_deletes_its_customers_and_subscriptions(sandbox: Running) -> None:
    stage, other = Stage(sandbox), Stage(sandbox)
    gone, kept = stage.subscribe(), other.subscribe()
    stage.v1.test_helpers.test_clocks.delete(stage.clock)
    assert stage.v1.customers.retrieve(stage.customer).deleted is True
    with pytest.raises(stripe.InvalidRequestError):
        stage.v1.subscriptions.retrieve(gone.id)
    assert [one.id for one in stage.v1.subscriptions.list().data] == [kept.id]
    assert "invoice.paid" in other.advance(at(2027, 2, 28, 14))


def test_billing_cycle_anchor_must_be_an_object_with_a_known_type(sandbox: Running) -> None:
    stage = Stage(sandbox)
    path = f"/v1/subscriptions/{stage.subscribe().id}"
    headers = {"Authorization": "Bearer sk_test_x"}
    for form, status in (
        ({"billing_cycle_anchor": "unchanged"}, 400),
        ({"billing_cycle_anchor[type]": "unchanged"}, 200),
        ({"billing_cycle_anchor[type]": "soon"}, 400),
        ({"billing_cycle_anchor[type]": "now", "billing_cycle_anchor[at]": "1"}, 400),
    ):
        assert sandbox.http.post(path, data=form, headers=headers).status_code == status, form
