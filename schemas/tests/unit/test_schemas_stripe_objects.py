"""What services see of Stripe's objects, and that no API version changes it."""

import inspect
import json
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemas_stripe_examples import EXAMPLES, read, seen

from schemas import stripe
from schemas.contracts.jsonschema import stripe_schemas
from schemas.stripe import parse
from schemas.stripe.base import Inside
from schemas.stripe.discounts import Discount
from schemas.stripe.fields import Expanded
from schemas.stripe.parse import KINDS


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_has_its_struct_and_fits_the_schema_of_what_we_read(path: Any) -> None:
    event = parse(path.read_bytes())
    sent = json.loads(path.read_bytes())["data"]["object"]
    assert type(event.object) is KINDS[sent["object"]]
    assert event.object_id == event.object.id
    Draft202012Validator(stripe_schemas()[sent["object"]]).validate(sent)


def test_the_examples_cover_every_kind() -> None:
    assert {type(parse(path.read_bytes()).object) for path in EXAMPLES} == set(KINDS.values())
    assert set(KINDS) == set(stripe_schemas())


def test_a_paid_session() -> None:
    event = read("checkout.session.completed")
    session = event.object
    assert isinstance(session, stripe.Session)
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
    assert isinstance(event.object, stripe.Session)
    assert event.object.client_reference_id == "ord_01JD9ZK3W8"


def test_a_foreign_payment_has_no_order() -> None:
    event = read("charge.succeeded", metadata={"cart": "77"})
    assert "order_id" not in event.links
    assert event.links["payment_intent_id"] == "pi_3Qabc"


def test_an_expired_session_can_be_taken_up_again() -> None:
    session = read("checkout.session.expired").object
    assert isinstance(session, stripe.Session)
    assert session.recovery_url == "https://buy.stripe.com/r/live_abc"


def test_a_declined_payment_says_why() -> None:
    event = read("payment_intent.payment_failed")
    intent = event.object
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.error_code, intent.decline_code) == ("card_declined", "insufficient_funds")
    assert event.links["order_id"] == "ord_01JD9ZK3W8"


def test_a_charge_shows_card_country_and_partial_refund() -> None:
    charge = read("charge.refunded").object
    assert isinstance(charge, stripe.Charge)
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
    assert seen(plain) == seen(full)


def test_a_refund_that_failed_proves_that_it_had_succeeded() -> None:
    event = read("charge.refund.updated")
    refund = event.object
    assert isinstance(refund, stripe.Refund)
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
    assert isinstance(session, stripe.Session)
    assert session.before_tax == before_tax


def test_a_refund_names_its_lines_in_its_metadata() -> None:
    refund = read("refund.created", metadata={"line_ids": "line_2, line_1,", "line_ids_2": "line_3"}).object
    assert isinstance(refund, stripe.Refund)
    assert refund.line_ids == ("line_2", "line_1", "line_3")
    unnamed = read("refund.created", metadata={"order_id": "ord_1"}).object
    assert isinstance(unnamed, stripe.Refund)
    assert unnamed.line_ids == ()


def test_a_dispute_says_until_when_and_what_it_cost() -> None:
    dispute = read("charge.dispute.created").object
    assert isinstance(dispute, stripe.Dispute)
    assert (dispute.due_by, dispute.is_inquiry) == (1796300000, False)
    assert [(booking.amount, booking.fee) for booking in dispute.balance_transactions] == [(-319840, 150000)]
    inquiry = read("charge.dispute.created", status="warning_needs_response", evidence_details=None).object
    assert isinstance(inquiry, stripe.Dispute)
    assert (inquiry.is_inquiry, inquiry.due_by) == (True, None)


@pytest.mark.parametrize("name", ["invoice.paid", "customer.subscription.updated", "promotion_code.created"])
def test_the_oldest_and_the_newest_api_version_read_the_same(name: str) -> None:
    new, old = read(name), read(f"{name}.2023-10-16")
    assert new.api_version != old.api_version
    assert seen(new.object) == seen(old.object)
    assert (new.links, new.rank, new.changed) == (old.links, old.rank, old.changed)


def test_a_renewal_s_invoice_ties_payment_and_subscription_and_says_until_when() -> None:
    event = read("invoice.paid")
    invoice = event.object
    assert isinstance(invoice, stripe.Invoice)
    assert event.links["subscription_id"] == "sub_1"
    assert event.links["payment_intent_id"] == "pi_sub1"  # the one that paid, not the canceled one before it
    assert event.links["user_id"] == "usr_42"
    assert (invoice.paid_until, invoice.tax) == (1797758162, 303)


def test_an_invoice_says_whether_the_event_holds_all_its_lines() -> None:
    whole, page = (
        read("invoice.paid").object,
        read("invoice.paid", lines={"data": [], "has_more": True}).object,
    )
    none = read("invoice.paid", lines=None).object
    assert isinstance(whole, stripe.Invoice)
    assert isinstance(page, stripe.Invoice)
    assert isinstance(none, stripe.Invoice)
    assert [invoice.has_all_lines for invoice in (whole, page, none)] == [True, False, False]


def test_a_scheduled_end_is_seen_either_way_that_stripe_says_it() -> None:
    by_flag = read("customer.subscription.updated").object
    by_date = read("customer.subscription.updated", cancel_at_period_end=False, cancel_at=1797758162).object
    neither = read("customer.subscription.updated", cancel_at_period_end=False).object
    assert [getattr(found, "ends_at", 0) for found in (by_flag, by_date, neither)] == [
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
    assert seen(first) == seen(second)
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
    assert seen(first) == seen(second)
    assert getattr(first.object, "ends_at", None) == end


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_secret_is_read(path: Any) -> None:
    event = json.loads(path.read_bytes())
    event["data"]["object"]["client_secret"] = "secret_of_the_client"
    assert b"secret_of_the_client" not in msgspec.json.encode(parse(json.dumps(event).encode()))


def test_zero_and_false_are_not_taken_for_missing() -> None:
    charge = read("charge.succeeded", amount_captured=0, captured=False).object
    assert isinstance(charge, stripe.Charge)
    assert (charge.amount_captured, charge.amount_refunded) == (0, 0)
    assert (charge.captured, charge.refunded) == (False, False)


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("charge.succeeded", "metadata", {}),
        ("charge.succeeded", "amount_captured", 0),
        ("payment_intent.payment_failed", "amount_received", 0),
        ("invoice_payment.paid", "amount_paid", 0),
        ("invoice_payment.paid", "amount_requested", 0),
        ("customer.updated", "preferred_locales", ()),
        ("charge.dispute.created", "balance_transactions", ()),
        ("invoice.paid", "lines", ()),
        ("customer.subscription.updated", "items", []),
    ],
)
def test_null_reads_as_nothing(name: str, field: str, expected: object) -> None:
    found = read(name, **{field: None}).object
    assert getattr(found, field, None) == expected


def test_what_was_read_cannot_be_changed() -> None:
    refund = read("refund.created").object
    with pytest.raises(AttributeError):
        setattr(refund, "amount", 1)  # noqa: B010  # mypy forbids the plain form


def stated_type(struct: type, name: str) -> Any:
    member = inspect.getattr_static(struct, name)
    if isinstance(member, Inside):
        return get_args(getattr(member, "__orig_class__"))[0]  # noqa: B009  # set by Generic
    return (
        get_type_hints(member.fget)["return"]
        if isinstance(member, property)
        else get_type_hints(struct)[name]
    )


def alternatives(kind: Any) -> set[type]:
    """The classes that a type allows, apart from None and from an expanded reference."""
    members = get_args(kind) if get_origin(kind) in (UnionType, Union) else (kind,)
    return {get_origin(member) or member for member in members} - {NoneType, Expanded}


PATHS = [
    (struct, name, path)
    for struct in (*KINDS.values(), stripe.InvoiceLine, stripe.SubscriptionItem, Discount)
    for name, member in inspect.getmembers_static(struct, lambda member: isinstance(member, Inside))
    for path in member.paths
]


@pytest.mark.parametrize(("struct", "name", "path"), PATHS)
def test_every_path_leads_to_a_value_of_the_stated_type(struct: type, name: str, path: list[str]) -> None:
    kind = {struct}
    for step in path:
        [part] = kind
        kind = alternatives(stated_type(part, step))
    assert all(issubclass(found, tuple(alternatives(stated_type(struct, name)))) for found in kind)
