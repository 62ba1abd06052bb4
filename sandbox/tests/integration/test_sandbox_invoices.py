"""Invoices through the API: edited, sent, marked uncollectible, deleted; and previews."""

from typing import Any

import pytest
import stripe
from sandbox_server import Running
from sandbox_stage import DAY, START, Stage, at


def amounts(invoice: stripe.Invoice) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def test_items_are_changed_and_deleted_while_their_invoice_is_a_draft(sandbox: Running) -> None:
    stage = Stage(sandbox)
    v1, customer = stage.v1, stage.customer
    first = v1.invoice_items.create({"customer": customer, "amount": 1500, "currency": "usd"})
    price = v1.prices.create({"product": stage.product, "currency": "usd", "unit_amount": 200}).id
    v1.invoice_items.create({"customer": customer, "pricing": {"price": price}, "quantity": 3})
    assert len(v1.invoice_items.list({"customer": customer, "pending": True}).data) == 2
    invoice = v1.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    assert (amounts(invoice), invoice.amount_due) == ([1500, 600], 2100)
    assert v1.invoice_items.list({"customer": customer, "pending": True}).data == []
    assert len(v1.invoice_items.list({"pending": False}).data) == 2
    v1.invoice_items.update(first.id, {"amount": 1000, "description": "Less"})
    added = v1.invoice_items.create(
        {"customer": customer, "amount": 50, "currency": "usd", "invoice": invoice.id}
    )
    assert v1.invoices.retrieve(invoice.id).amount_due == 1650
    assert v1.invoice_items.delete(added.id).deleted is True
    assert stage.types()[-2:] == ["invoiceitem.deleted", "invoice.updated"]
    final = v1.invoices.finalize_invoice(invoice.id)
    assert (amounts(final), final.amount_due) == ([1000, 600], 1600)
    for change in (
        lambda: v1.invoice_items.update(first.id, {"amount": 1}),
        lambda: v1.invoice_items.delete(first.id),
        lambda: v1.invoices.delete(invoice.id),
        lambda: v1.invoices.update(invoice.id, {"footer": "Too late"}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            change()
        assert caught.value.code == "invoice_not_editable"
    assert (v1.invoices.update(invoice.id, {"metadata": {"a": "b"}}).metadata or {})["a"] == "b"


def test_items_of_a_deleted_draft_are_pending_again(sandbox: Running) -> None:
    stage = Stage(sandbox)
    item = stage.v1.invoice_items.create({"customer": stage.customer, "amount": 700, "currency": "usd"})
    draft = stage.v1.invoices.create({"customer": stage.customer})
    assert stage.v1.invoices.delete(draft.id).deleted is True
    assert stage.types()[-1] == "invoice.deleted"
    assert stage.v1.invoice_items.retrieve(item.id).invoice is None
    with pytest.raises(stripe.InvalidRequestError):
        stage.v1.invoices.retrieve(draft.id)
    subscribed = stage.subscribe()
    with pytest.raises(stripe.InvalidRequestError, match="belong to no subscription"):
        stage.v1.invoices.delete(str(subscribed.latest_invoice))


def test_an_invoice_is_sent_with_a_due_date_and_paid_elsewhere(sandbox: Running) -> None:
    stage = Stage(sandbox)
    stage.v1.invoice_items.create({"customer": stage.customer, "amount": 700, "currency": "usd"})
    draft = stage.v1.invoices.create(
        {"customer": stage.customer, "collection_method": "send_invoice", "days_until_due": 7}
    )
    assert draft.due_date == START + 7 * DAY
    sent = stage.v1.invoices.send_invoice(draft.id)
    assert (sent.status, sent.hosted_invoice_url is not None) == ("open", True)
    assert stage.types()[-1] == "invoice.sent"
    paid = stage.v1.invoices.pay(draft.id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_paid, paid.amount_paid_off_stripe) == ("paid", 0, 700)
    assert "charge.succeeded" not in stage.types()


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"collection_method": "send_invoice", "days_until_due": 1, "due_date": START}, "days_until_due"),
        ({"days_until_due": 7}, "days_until_due"),
        ({"due_date": START}, "due_date"),
    ],
)
def test_due_date_requires_collection_by_sending(
    sandbox: Running, params: dict[str, Any], param: str
) -> None:
    stage = Stage(sandbox)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stage.v1.invoices.create({"customer": stage.customer, **params})  # type: ignore[typeddict-item]
    assert caught.value.param == param
    charged = stage.v1.invoices.create({"customer": stage.customer})
    with pytest.raises(stripe.InvalidRequestError, match="manually send"):
        stage.v1.invoices.send_invoice(charged.id)


def test_uncollectible_invoice_can_still_be_paid(sandbox: Running) -> None:
    stage = Stage(sandbox)
    stage.v1.invoice_items.create({"customer": stage.customer, "amount": 700, "currency": "usd"})
    draft = stage.v1.invoices.create({"customer": stage.customer})
    with pytest.raises(stripe.InvalidRequestError, match="open invoices"):
        stage.v1.invoices.mark_uncollectible(draft.id)
    stage.v1.invoices.finalize_invoice(draft.id)
    given_up = stage.v1.invoices.mark_uncollectible(draft.id)
    assert given_up.status == "uncollectible"
    assert given_up.status_transitions.marked_uncollectible_at == START
    assert stage.types()[-1] == "invoice.marked_uncollectible"
    assert stage.v1.invoices.pay(draft.id).status == "paid"


def preview(stage: Stage, subscription: str, **details: Any) -> stripe.Invoice:
    params: Any = {"subscription": subscription, "subscription_details": details}
    return stage.v1.invoices.create_preview(params)


def test_preview_shows_the_cost_of_a_change_and_changes_nothing(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 14 * DAY)
    before = (stage.types(), stage.v1.subscriptions.retrieve(subscription.id).to_dict())
    item = subscription["items"].data[0].id
    dearer = [{"id": item, "price": stage.price(4000)}]
    yearly = [{"id": item, "price": stage.price(20000, "year")}]
    made = len(stage.types()) - len(before[0])
    expected = {
        "later": ([-1000, 2000, 4000], {"items": dearer}),
        "at once": ([-1000, 2000], {"items": dearer, "proration_behavior": "always_invoice"}),
        "not at all": ([4000], {"items": dearer, "proration_behavior": "none"}),
        "another rhythm": ([-1000, 20000], {"items": yearly}),
        "a new period": ([-1000, 2000], {"billing_cycle_anchor": {"type": "now"}}),
        "another item": ([250, 2000, 500], {"items": [{"price": stage.price(500)}]}),
        "two of it": ([-1000, 2000, 4000], {"items": [{"id": item, "quantity": 2}]}),
        "the end": ([-1000], {"cancel_now": True}),
        "the end without credit": ([], {"cancel_now": True, "proration_behavior": "none"}),
        "a late end": ([2000], {"cancel_at": START + 90 * DAY}),
        "a trial": ([-1000, 2000], {"trial_end": START + 40 * DAY}),
    }
    found = {
        name: amounts(preview(stage, subscription.id, **details)) for name, (_, details) in expected.items()
    }
    assert found == {name: lines for name, (lines, _) in expected.items()}
    assert made == 2, "the two prices"
    assert stage.v1.subscriptions.retrieve(subscription.id).to_dict() == before[1]
    assert len(stage.v1.invoices.list().data) == 1
    assert "customer.subscription.updated" not in stage.types()


def test_a_preview_agrees_with_the_change_that_follows(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    stage.advance(START + 9 * DAY)
    item = subscription["items"].data[0].id
    for details in (
        {"items": [{"id": item, "quantity": 3}], "proration_behavior": "always_invoice"},
        {"items": [{"id": item, "price": stage.price(9900, "year")}]},
        {"billing_cycle_anchor": {"type": "now"}},
    ):
        seen = preview(stage, subscription.id, **details)
        changed = stage.v1.subscriptions.update(subscription.id, details)  # type: ignore[arg-type]
        made = stage.v1.invoices.retrieve(str(changed.latest_invoice))
        assert amounts(made) == amounts(seen)
        assert (made.amount_due, made.total) == (seen.amount_due, seen.total)


def test_ending_subscription_has_no_upcoming_invoice(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        preview(stage, subscription.id, cancel_at_period_end=True)
    assert caught.value.code == "invoice_upcoming_none"
    stage.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError):
        stage.v1.invoices.create_preview({"subscription": subscription.id})
    assert amounts(preview(stage, subscription.id, cancel_at_period_end=False)) == [2000]


def test_preview_of_a_new_subscription(sandbox: Running) -> None:
    stage = Stage(sandbox)
    coupon = stage.v1.coupons.create({"percent_off": 10}).id
    params: Any = {
        "customer": stage.customer,
        "subscription_details": {"items": [{"price": stage.monthly, "quantity": 2}]},
        "invoice_items": [{"amount": 500, "currency": "usd", "description": "Set-up"}],
        "discounts": [{"coupon": coupon}],
    }
    seen = stage.v1.invoices.create_preview(params)
    assert (amounts(seen), seen.subtotal, seen.total) == ([4000, 500], 4500, 4050)
    assert stage.v1.subscriptions.list({"status": "all"}).data == []
    trial = params | {"subscription_details": {"items": [{"price": stage.monthly}], "trial_end": START + DAY}}
    assert amounts(stage.v1.invoices.create_preview(trial)) == [0, 500]
    for wrong, param in (
        ({}, "customer"),
        ({"customer": "cus_x"}, "customer"),
        (params | {"invoice_items": [{"currency": "usd"}]}, "invoice_items[0][amount]"),
        (params | {"invoice_items": [{"amount": 1, "currency": "eur"}]}, "invoice_items[0][currency]"),
        (
            params | {"subscription_details": {"items": [{"quantity": 1}]}},
            "subscription_details[items][0][price]",
        ),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.v1.invoices.create_preview(wrong)
        assert caught.value.param == param


def test_subscription_items_are_created_updated_and_deleted(sandbox: Running) -> None:
    stage = Stage(sandbox)
    subscription = stage.subscribe()
    v1 = stage.v1
    first = subscription["items"].data[0]
    stage.advance(START + 14 * DAY)
    added = v1.subscription_items.create({"subscription": subscription.id, "price": stage.price(1000)})
    assert added.subscription == subscription.id
    assert [one.id for one in v1.subscription_items.list({"subscription": subscription.id}).data] == [
        first.id,
        added.id,
    ]
    changed = v1.subscription_items.update(added.id, {"quantity": 3, "metadata": {"seat": "b"}})
    assert (changed.quantity, changed.metadata["seat"]) == (3, "b")
    assert v1.subscription_items.retrieve(added.id).quantity == 3
    assert not v1.subscription_items.update(added.id, {"metadata": {"seat": ""}}).metadata.to_dict()
    assert stage.types()[-1] == "customer.subscription.updated"
    assert v1.subscription_items.delete(added.id, {"proration_behavior": "none"}).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.subscription_items.retrieve(added.id)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="at least one"):
        v1.subscription_items.delete(first.id)
    stage.advance(at(2027, 2, 28, 14))
    last = v1.invoices.list({"limit": 1}).data[0]
    assert amounts(last) == [500, -500, 1500, 2000]


def test_an_invoice_shows_ten_of_its_lines_in_answers_and_in_events(sandbox: Running) -> None:
    stage = Stage(sandbox)
    draft = stage.v1.invoices.create({"customer": stage.customer})
    for number in range(12):
        stage.v1.invoice_items.create(
            {"customer": stage.customer, "amount": 100 + number, "currency": "usd", "invoice": draft.id}
        )
    paid = stage.v1.invoices.pay(draft.id)
    [of_event] = [each.data.object for each in stage.events() if each.type == "invoice.paid"]
    assert (paid.lines.has_more, amounts(paid), paid.total) == (True, list(range(100, 110)), 1266)
    assert (of_event["lines"]["has_more"], len(of_event["lines"]["data"])) == (True, 10)
    before = [each.data.previous_attributes for each in stage.events() if each.type == "invoice.updated"]
    assert max(len(each["lines"]["data"]) for each in before if "lines" in (each or {})) == 10
    every = stage.v1.invoices.line_items.list(draft.id, {"limit": 100})
    assert [line.amount for line in every.data] == list(range(100, 112))
