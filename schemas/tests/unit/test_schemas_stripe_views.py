"""What services see of Stripe's objects, and that no API version changes it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import stripe
from schemas.contracts import files
from schemas.contracts.jsonschema import stripe_schemas
from schemas.stripe import PERSONAL, StripeEvent, parse

FILES = sorted((files.EXAMPLES / "stripe").glob("*.json"))


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (files.EXAMPLES / "stripe" / f"{name}.json").read_text(encoding="utf-8")
    )
    return found


def read(name: str, **fields: Any) -> StripeEvent:
    event = body(name)
    event["data"]["object"].update(fields)
    return parse(json.dumps(event).encode())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_example_has_a_view_and_fits_the_schema_of_what_we_read(path: Any) -> None:
    event = parse(path.read_bytes())
    assert not isinstance(event.object, stripe.UnknownView)
    assert event.object_id == event.object.id
    schema = stripe_schemas()[event.object.KIND]
    Draft202012Validator(schema).validate(json.loads(path.read_bytes())["data"]["object"])


def test_the_examples_cover_every_view() -> None:
    assert {parse(path.read_bytes()).object.KIND for path in FILES} == set(stripe_schemas())


def test_a_paid_session() -> None:
    event = read("checkout.session.completed")
    session = event.object
    assert isinstance(session, stripe.SessionView)
    assert event.links == {
        "order_id": "ord_01JD9ZK3W8",
        "user_id": "usr_42",
        "session_id": "cs_test_a1B2c3",
        "payment_intent_id": "pi_3Qabc",
        "customer_id": "cus_R1",
    }
    assert (event.status, session.payment_status) == ("complete", "paid")
    assert (session.amount_subtotal, session.amount_discount, session.amount_total) == (399800, 79960, 319840)
    assert (session.currency, session.customer_country) == ("inr", "IN")
    assert session.promotion_codes == ["promo_9"]


def test_a_payer_cannot_tie_a_payment_link_to_somebody_s_order() -> None:
    # https://buy.stripe.com/…?client_reference_id=ord_… : the person who opens the address chooses the value.
    event = read("checkout.session.completed", metadata={}, client_reference_id="ord_01JD9ZK3W8")
    assert "order_id" not in event.links
    assert isinstance(event.object, stripe.SessionView)
    assert event.object.client_reference_id == "ord_01JD9ZK3W8"


def test_a_foreign_payment_has_no_order() -> None:
    event = read("charge.succeeded", metadata={"cart": "77"})
    assert "order_id" not in event.links
    assert event.links["payment_intent_id"] == "pi_3Qabc"


def test_an_expired_session_can_be_taken_up_again() -> None:
    session = read("checkout.session.expired").object
    assert isinstance(session, stripe.SessionView)
    assert session.recovery_url == "https://buy.stripe.com/r/live_abc"


def test_a_declined_payment_says_why() -> None:
    event = read("payment_intent.payment_failed")
    intent = event.object
    assert isinstance(intent, stripe.PaymentIntentView)
    assert (intent.error_code, intent.decline_code) == ("card_declined", "insufficient_funds")
    assert event.links["order_id"] == "ord_01JD9ZK3W8"


def test_a_charge_shows_card_country_and_partial_refund() -> None:
    charge = read("charge.refunded").object
    assert isinstance(charge, stripe.ChargeView)
    assert (charge.card_brand, charge.card_country, charge.last4, charge.billing_country) == (
        "visa",
        "IN",
        "4242",
        "IN",
    )
    assert (charge.amount_refunded, charge.refunded) == (100000, False)


def test_an_expanded_balance_transaction_is_as_good_as_its_id() -> None:
    plain = read("charge.succeeded")
    full = read(
        "charge.succeeded", balance_transaction={"id": "txn_3Qabc", "fee": 100}, customer={"id": "cus_R1"}
    )
    assert plain == full


def test_a_refund_that_failed_proves_that_it_had_succeeded() -> None:
    event = read("charge.refund.updated")
    refund = event.object
    assert isinstance(refund, stripe.RefundView)
    assert (event.status, event.previous_status) == ("failed", "succeeded")
    assert refund.failure_reason == "expired_or_canceled_card"
    assert event.links == {"refund_id": "re_3Qabc", "charge_id": "ch_3Qabc", "payment_intent_id": "pi_3Qabc"}


@pytest.mark.parametrize(
    ("fields", "before_tax"),
    [
        ({}, 319_840),
        ({"total_details": None}, 399_800),
        (
            {"amount_total": 380_610, "total_details": {"amount_discount": 79_960, "amount_tax": 60_770}},
            319_840,
        ),
        (
            {"amount_subtotal": None, "amount_total": 380_610, "total_details": {"amount_tax": 60_770}},
            319_840,
        ),
        ({"amount_subtotal": None, "amount_total": None}, None),
    ],
)
def test_the_price_before_tax_is_the_subtotal_less_the_discount(
    fields: dict[str, Any], before_tax: int | None
) -> None:
    session = read("checkout.session.completed", **fields).object
    assert isinstance(session, stripe.SessionView)
    assert session.before_tax == before_tax


def test_a_refund_names_its_lines_in_its_metadata() -> None:
    refund = read("refund.created", metadata={"line_ids": "line_2, line_1,", "line_ids_2": "line_3"}).object
    assert isinstance(refund, stripe.RefundView)
    assert refund.line_ids == ("line_2", "line_1", "line_3")
    unnamed = read("refund.created", metadata={"order_id": "ord_1"}).object
    assert isinstance(unnamed, stripe.RefundView)
    assert unnamed.line_ids == ()


def test_a_dispute_says_until_when_and_what_it_cost() -> None:
    dispute = read("charge.dispute.created").object
    assert isinstance(dispute, stripe.DisputeView)
    assert (dispute.due_by, dispute.is_inquiry) == (1796300000, False)
    assert [(booking.amount, booking.fee) for booking in dispute.balance_transactions] == [(-319840, 150000)]
    inquiry = read("charge.dispute.created", status="warning_needs_response", evidence_details=None).object
    assert isinstance(inquiry, stripe.DisputeView)
    assert (inquiry.is_inquiry, inquiry.due_by) == (True, None)


@pytest.mark.parametrize("name", ["invoice.paid", "customer.subscription.updated", "promotion_code.created"])
def test_the_oldest_and_the_newest_api_version_give_one_view(name: str) -> None:
    new, old = read(name), read(f"{name}.2023-10-16")
    assert new.api_version != old.api_version
    assert new.object == old.object
    assert (new.links, new.rank, new.changed) == (old.links, old.rank, old.changed)


def test_a_renewal_s_invoice_ties_payment_and_subscription_and_says_until_when() -> None:
    event = read("invoice.paid")
    invoice = event.object
    assert isinstance(invoice, stripe.InvoiceView)
    assert event.links["subscription_id"] == "sub_1"
    assert event.links["payment_intent_id"] == "pi_sub1"  # the one that paid, not the canceled one before it
    assert event.links["user_id"] == "usr_42"
    assert (invoice.paid_until, invoice.tax) == (1797758162, 303)


def test_a_scheduled_end_is_seen_either_way_that_stripe_says_it() -> None:
    by_flag = read("customer.subscription.updated").object
    by_date = read("customer.subscription.updated", cancel_at_period_end=False, cancel_at=1797758162).object
    neither = read("customer.subscription.updated", cancel_at_period_end=False).object
    assert [getattr(view, "ends_at", 0) for view in (by_flag, by_date, neither)] == [
        1797758162,
        1797758162,
        None,
    ]


IDS = st.text("abcdefghijklmnop0123456789_", min_size=1, max_size=40)
TIMES = st.integers(1, 4_000_000_000)


@given(
    subscription=IDS,
    intent=IDS,
    price=IDS,
    start=TIMES,
    end=TIMES,
    amount=st.integers(0, 10**9),
    expand=st.booleans(),
)
def test_any_invoice_reads_the_same_in_both_shapes(
    subscription: str, intent: str, price: str, start: int, end: int, amount: int, expand: bool
) -> None:
    def some(value: str) -> Any:
        return {"id": value, "object": "whatever"} if expand else value

    line = {"id": "il_1", "amount": amount, "period": {"start": start, "end": end}}
    common = {"id": "in_1", "object": "invoice", "currency": "eur", "amount_paid": amount}
    old = {
        **common,
        "subscription": some(subscription),
        "payment_intent": some(intent),
        "lines": {"data": [{**line, "price": {"id": price}, "subscription": subscription}]},
    }
    details = {"subscription": subscription, "proration": False}
    new = {
        **common,
        "parent": {"subscription_details": {"subscription": some(subscription), "metadata": {}}},
        "payments": {"data": [{"payment": {"payment_intent": some(intent)}, "status": "paid"}]},
        "lines": {
            "data": [
                {
                    **line,
                    "pricing": {"price_details": {"price": some(price)}},
                    "parent": {"subscription_item_details": details},
                }
            ]
        },
    }
    first, second = (
        parse(
            json.dumps(
                {"id": "evt_1", "type": "invoice.paid", "created": 1, "data": {"object": shape}}
            ).encode()
        )
        for shape in (old, new)
    )
    assert first == second
    assert first.links["payment_intent_id"] == intent


@given(start=TIMES, end=TIMES, coupon=IDS, code=IDS, quantity=st.integers(0, 1000))
def test_any_subscription_reads_the_same_in_both_shapes(
    start: int, end: int, coupon: str, code: str, quantity: int
) -> None:
    common = {"id": "sub_1", "object": "subscription", "status": "active", "cancel_at_period_end": True}
    item = {"id": "si_1", "price": {"id": "price_1", "product": "prod_1"}, "quantity": quantity}
    period = {"current_period_start": start, "current_period_end": end}
    old = {
        **common,
        **period,
        "items": {"data": [item]},
        "discount": {"coupon": {"id": coupon, "object": "coupon"}, "promotion_code": code},
    }
    new = {
        **common,
        "items": {"data": [{**item, **period}]},
        "discounts": [{"source": {"type": "coupon", "coupon": coupon}, "promotion_code": code}],
    }
    type_ = "customer.subscription.updated"
    first, second = (
        parse(json.dumps({"id": "evt_1", "type": type_, "created": 1, "data": {"object": shape}}).encode())
        for shape in (old, new)
    )
    assert first == second
    assert getattr(first.object, "ends_at", None) == end


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_facts_are_json_without_secrets_and_personal_data_leaves_on_demand(path: Any) -> None:
    event = json.loads(path.read_bytes())
    event["data"]["object"]["client_secret"] = "secret_of_the_client"
    view = parse(json.dumps(event).encode()).object
    facts = view.facts()
    assert json.loads(json.dumps(facts)) == facts
    assert "secret_of_the_client" not in json.dumps(facts)
    assert None not in facts.values()
    bare = json.dumps(view.facts(exclude=PERSONAL))
    for personal in (
        "asha@example.org",
        "Asha Rao",
        "4242",
        "buy.stripe.com",
        "invoice.stripe.com",
        "pay.stripe.com",
    ):
        assert personal not in bare


def test_zero_and_false_are_facts() -> None:
    facts = read("charge.succeeded").object.facts()
    assert facts["amount_refunded"] == 0
    assert facts["refunded"] is False


def test_every_personal_name_is_a_field_of_some_view() -> None:
    fields = {name for path in FILES for name in type(parse(path.read_bytes()).object).__struct_fields__}
    assert fields >= PERSONAL
