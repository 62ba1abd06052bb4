"""Subscriptions and invoices on test clocks, and the portal."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from conformance import Account, Subscriber, ids

DAY = 24 * 3600
Make = Callable[..., Subscriber]


def item_of(subscription: stripe.Subscription) -> stripe.SubscriptionItem:
    """The only item of the subscription."""
    [item] = subscription["items"].data
    return item


def test_subscription_starts_paid_and_renews(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe(metadata={"order_id": "ord_1"})
    assert (made.status, made.collection_method) == ("active", "charge_automatically")
    [first] = someone.invoices(made.id)
    assert (first.status, first.billing_reason, first.amount_paid) == ("paid", "subscription_create", 2000)
    assert first.parent is not None
    assert first.parent.subscription_details is not None
    assert first.parent.subscription_details.subscription == made.id
    payments = account.v1.invoice_payments.list({"invoice": first.id}).data
    assert [payment.status for payment in payments] == ["paid"]
    assert account.v1.invoice_payments.retrieve(payments[0].id).invoice == first.id
    renews = item_of(made).current_period_end
    someone.advance(renews + 2 * 3600)
    first, second = someone.invoices(made.id)
    assert (second.billing_reason, second.status, second.amount_paid) == ("subscription_cycle", "paid", 2000)
    assert item_of(account.v1.subscriptions.retrieve(made.id)).current_period_start == renews
    account.in_order(("customer.subscription.created", made.id), ("customer.subscription.updated", made.id))
    account.in_order(
        ("invoice.created", second.id), ("invoice.finalized", second.id), ("invoice.paid", second.id)
    )


def test_a_renewal_that_fails_leaves_it_past_due(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe()
    someone.use_card("pm_card_chargeCustomerFail")
    someone.advance(item_of(made).current_period_end + 2 * 3600)
    assert account.v1.subscriptions.retrieve(made.id).status == "past_due"
    failed = someone.invoices(made.id)[-1]
    assert (failed.status, failed.attempt_count, failed.attempted) == ("open", 1, True)
    assert failed.next_payment_attempt is not None
    account.event("invoice.payment_failed", failed.id)
    with pytest.raises(stripe.CardError):
        account.v1.invoices.pay(failed.id)
    someone.use_card("pm_card_visa")
    assert account.v1.invoices.pay(failed.id).status == "paid"
    account.eventually(
        "the end of past_due", lambda: account.v1.subscriptions.retrieve(made.id).status == "active"
    )


def test_failed_first_payment_leaves_the_subscription_incomplete(account: Account, subscriber: Make) -> None:
    someone = subscriber("pm_card_chargeCustomerFail")
    made = someone.subscribe()
    assert made.status == "incomplete"
    with pytest.raises(stripe.CardError):
        someone.subscribe(payment_behavior="error_if_incomplete")
    waits = someone.subscribe(payment_behavior="default_incomplete")
    assert waits.status == "incomplete"
    someone.advance(someone.now + 25 * 3600)
    assert account.v1.subscriptions.retrieve(made.id).status == "incomplete_expired"


def test_trial_is_free_and_becomes_a_paid_subscription(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe(trial_period_days=7)
    assert (made.status, made.trial_end) == ("trialing", someone.now + 7 * DAY)
    someone.advance(someone.now + 5 * DAY)
    account.event("customer.subscription.trial_will_end", made.id)
    someone.advance(someone.now + 3 * DAY)
    assert account.v1.subscriptions.retrieve(made.id).status == "active"
    assert [invoice.amount_paid for invoice in someone.invoices(made.id)] == [0, 2000]


def test_a_trial_without_a_card_pauses_and_resumes(account: Account, subscriber: Make) -> None:
    someone = subscriber(None)
    made = someone.subscribe(
        trial_period_days=7, trial_settings={"end_behavior": {"missing_payment_method": "pause"}}
    )
    assert account.v1.subscriptions.update(made.id, {"trial_end": "now"}).status == "paused"
    account.event("customer.subscription.paused", made.id)
    someone.use_card("pm_card_visa")
    account.v1.subscriptions.resume(made.id, {"billing_cycle_anchor": {"type": "now"}})
    account.eventually(
        "the resumption", lambda: account.v1.subscriptions.retrieve(made.id).status == "active"
    )
    account.event("customer.subscription.resumed", made.id)


def test_cancellation_at_period_end_can_be_undone(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe()
    ends = item_of(made).current_period_end
    ending = account.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    assert (ending.cancel_at_period_end, ending.cancel_at, ending.status) == (True, ends, "active")
    event = account.event("customer.subscription.updated", made.id)
    assert event.data.previous_attributes is not None
    assert event.data.previous_attributes["cancel_at_period_end"] is False
    going_on = account.v1.subscriptions.update(made.id, {"cancel_at_period_end": False})
    assert (going_on.cancel_at_period_end, going_on.cancel_at) == (False, None)
    account.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    someone.advance(ends + 3600)
    ended = account.v1.subscriptions.retrieve(made.id)
    assert (ended.status, ended.ended_at) == ("canceled", ends)
    account.event("customer.subscription.deleted", made.id)


def test_immediate_cancellation_ends_the_subscription(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe()
    ended = account.v1.subscriptions.cancel(
        made.id, {"cancellation_details": {"comment": "No time", "feedback": "unused"}}
    )
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert (ended.cancellation_details.feedback, ended.cancellation_details.reason) == (
        "unused",
        "cancellation_requested",
    )
    assert account.v1.subscriptions.list({"customer": someone.customer}).data == []
    assert ids(account.v1.subscriptions.list({"customer": someone.customer, "status": "all"}).data) == [
        made.id
    ]
    for attempt in (
        lambda: account.v1.subscriptions.cancel(made.id),
        lambda: account.v1.subscriptions.update(made.id, {"cancel_at_period_end": True}),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            attempt()


def test_plan_change_is_previewed_prorated_and_billed(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe()
    item = item_of(made)
    dearer = account.price(4000, interval="month", product=someone.product).id
    half = item.current_period_start + (item.current_period_end - item.current_period_start) // 2
    change: Any = {
        "items": [{"id": item.id, "price": dearer}],
        "proration_behavior": "always_invoice",
        "proration_date": half,
    }
    seen = account.v1.invoices.create_preview({"subscription": made.id, "subscription_details": change})
    assert sorted(line.amount for line in seen.lines.data) == [-1000, 2000]
    changed = account.v1.subscriptions.update(made.id, change)
    assert (item_of(changed).id, item_of(changed).price.id) == (item.id, dearer)
    bill = someone.invoices(made.id)[-1]
    assert (bill.billing_reason, bill.total) == ("subscription_update", seen.total)
    upcoming = account.v1.invoices.create_preview({"subscription": made.id})
    assert [line.amount for line in upcoming.lines.data] == [4000]


def test_subscription_items_are_added_changed_and_removed(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    made = someone.subscribe()
    price = account.price(500, interval="month", product=someone.product).id
    added = account.v1.subscription_items.create(
        {"subscription": made.id, "price": price, "quantity": 2, "proration_behavior": "none"}
    )
    listed = account.v1.subscription_items.list({"subscription": made.id}).data
    assert set(ids(listed)) == {item_of(made).id, added.id}
    changed = account.v1.subscription_items.update(added.id, {"quantity": 3, "proration_behavior": "none"})
    assert (changed.quantity, account.v1.subscription_items.retrieve(added.id).quantity) == (3, 3)
    deleted = account.v1.subscription_items.delete(added.id, {"proration_behavior": "none"})
    assert deleted.deleted is True


def test_repeating_coupon_applies_for_its_months(account: Account, subscriber: Make) -> None:
    someone = subscriber()
    coupon = account.coupon(percent_off=50, duration="once")
    made = someone.subscribe(discounts=[{"coupon": coupon.id}])
    someone.advance(item_of(made).current_period_end + 2 * 3600)
    assert [invoice.amount_paid for invoice in someone.invoices(made.id)] == [1000, 2000]


def test_invoice_without_a_subscription_is_created_and_paid(account: Account) -> None:
    customer = account.customer(email="c@example.com")
    card = account.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    invoice = account.v1.invoices.create({"customer": customer.id, "auto_advance": False, "currency": "usd"})
    item = account.v1.invoice_items.create(
        {"customer": customer.id, "invoice": invoice.id, "amount": 1500, "currency": "usd"}
    )
    extra = account.v1.invoice_items.create(
        {"customer": customer.id, "invoice": invoice.id, "amount": 100, "currency": "usd"}
    )
    account.v1.invoice_items.update(item.id, {"amount": 1400})
    assert account.v1.invoice_items.delete(extra.id).deleted is True
    draft = account.v1.invoices.retrieve(invoice.id)
    assert (draft.status, draft.amount_due, draft.billing_reason) == ("draft", 1400, "manual")
    final = account.v1.invoices.finalize_invoice(invoice.id)
    assert (final.status, final.number is not None) == ("open", True)
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.invoices.delete(invoice.id)
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.invoices.finalize_invoice(invoice.id)
    paid = account.v1.invoices.pay(invoice.id, {"payment_method": card.id})
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1400, 0)
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.invoices.pay(invoice.id)
    assert len(account.v1.invoices.line_items.list(invoice.id).data) == 1
    account.in_order(
        ("invoice.created", invoice.id), ("invoice.finalized", invoice.id), ("invoice.paid", invoice.id)
    )


def test_invoice_can_be_voided_or_marked_uncollectible(account: Account) -> None:
    customer = account.customer(email="d@example.com")

    def draft(**params: Any) -> stripe.Invoice:
        made = account.v1.invoices.create({"customer": customer.id, "auto_advance": False, **params})
        account.v1.invoice_items.create(
            {"customer": customer.id, "invoice": made.id, "amount": 1500, "currency": "usd"}
        )
        return made

    assert account.v1.invoices.delete(draft().id).deleted is True
    voided = draft()
    account.v1.invoices.finalize_invoice(voided.id)
    assert account.v1.invoices.void_invoice(voided.id).status == "void"
    given_up = draft(collection_method="send_invoice", days_until_due=7)
    sent = account.v1.invoices.send_invoice(given_up.id)
    assert sent.status == "open"
    assert sent.due_date is not None
    assert account.v1.invoices.mark_uncollectible(given_up.id).status == "uncollectible"
    elsewhere = account.v1.invoices.pay(given_up.id, {"paid_out_of_band": True})
    assert elsewhere.status == "paid"
    account.in_order(("invoice.sent", given_up.id), ("invoice.marked_uncollectible", given_up.id))
    account.event("invoice.voided", voided.id)


def test_the_portal_opens_for_a_customer(account: Account) -> None:
    customer = account.customer()
    configuration = account.v1.billing_portal.configurations.create(
        {
            "features": {"invoice_history": {"enabled": True}},
            "default_return_url": "https://shop.example/account",
        }
    )
    account.later(
        lambda: account.v1.billing_portal.configurations.update(configuration.id, {"active": False})
    )
    assert configuration.features.invoice_history.enabled is True
    changed = account.v1.billing_portal.configurations.update(configuration.id, {"metadata": {"a": "b"}})
    assert changed.metadata is not None
    assert changed.metadata["a"] == "b"
    assert configuration.id in ids(account.v1.billing_portal.configurations.list({"active": True}).data)
    opened = account.v1.billing_portal.sessions.create(
        {"customer": customer.id, "configuration": configuration.id, "return_url": "https://shop.example/me"}
    )
    assert (opened.customer, opened.return_url) == (customer.id, "https://shop.example/me")
    assert opened.url.startswith("http")
