"""When a session is settled, which order it is for, and whether it pays the order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemas_stripe_examples import read

from schemas.rules import (
    SessionState,
    is_complete,
    is_settled,
    mismatch,
    names_order,
    paid_by_line,
    payment_mismatch,
)
from schemas.stripe import Session


def session_with(event_type: str = "checkout.session.completed", **fields: Any) -> Session:
    """The example session (399800 less 79960 inr, no tax) with other fields."""
    found = read("checkout.session.completed", event_type, **fields).object
    assert isinstance(found, Session)
    return found


def state(session: Session) -> SessionState:
    return SessionState(
        session_id=session.id,
        status=session.status,
        payment_status=session.payment_status,
        currency=session.currency,
        before_tax=session.before_tax,
        paid=session.amount_total or 0,
        tax=session.amount_tax,
        order_id=session.metadata.get("order_id"),
    )


@pytest.mark.parametrize(
    ("event_type", "status", "payment_status", "complete", "settled"),
    [
        ("completed", "complete", "paid", True, True),
        ("completed", "complete", "no_payment_required", True, True),
        ("completed", "complete", "unpaid", True, False),
        ("completed", "complete", None, True, False),
        ("completed", "complete", "partially_paid", True, False),
        ("async_payment_succeeded", "complete", "paid", True, True),
        ("async_payment_failed", "complete", "unpaid", True, False),
        ("async_payment_failed", "complete", "paid", True, True),
        ("expired", "expired", "unpaid", False, False),
        ("expired", "expired", "no_payment_required", False, False),
        ("expired", "expired", "paid", False, False),
        ("reread", "complete", "paid", True, True),
        ("reread", "complete", "unpaid", True, False),
        ("reread", "open", "unpaid", False, False),
        ("reread", "open", "no_payment_required", False, False),
        ("reread", "expired", "no_payment_required", False, False),
        ("never_seen_before", "complete", "paid", True, True),
        ("completed", None, "paid", False, False),
    ],
)
def test_a_session_is_settled_when_it_is_complete_and_nothing_is_left_to_pay(
    event_type: str, status: str | None, payment_status: str | None, complete: bool, settled: bool
) -> None:
    session = session_with(f"checkout.session.{event_type}", status=status, payment_status=payment_status)
    assert is_complete(session) is complete
    assert is_settled(session) is settled
    assert is_settled(state(session)) is settled


@pytest.mark.parametrize(
    ("case", "fields", "expected"),
    [
        ("as ordered", {}, None),
        (
            "tax on top",
            {"amount_total": 377_411, "total_details": {"amount_discount": 79_960, "amount_tax": 57_571}},
            None,
        ),
        (
            "tax included in the price",
            {"amount_total": 319_840, "total_details": {"amount_discount": 79_960, "amount_tax": 48_789}},
            None,
        ),
        ("no discount, lower price", {"amount_subtotal": 319_840, "total_details": None}, None),
        (
            "discount given by Stripe's coupon as well",
            {"amount_total": 279_860, "total_details": {"amount_discount": 119_940}},
            "amount_differs",
        ),
        ("discount is missing", {"amount_total": 399_800, "total_details": None}, "amount_differs"),
        (
            "one minor unit too little",
            {"amount_subtotal": 399_799, "amount_total": 319_839},
            "amount_differs",
        ),
        (
            "charged in the buyer's currency",
            {"presentment_details": {"presentment_amount": 3_512, "presentment_currency": "eur"}},
            None,
        ),
        ("another currency", {"currency": "usd"}, "currency_differs"),
        ("no currency", {"currency": None}, "currency_differs"),
        ("no amounts", {"amount_subtotal": None, "amount_total": None}, "amount_differs"),
        ("no subtotal", {"amount_subtotal": None}, None),
        (
            "no subtotal, tax on top",
            {"amount_subtotal": None, "amount_total": 377_411, "total_details": {"amount_tax": 57_571}},
            None,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_session_pays_an_order_of_the_same_currency_and_amount_before_tax(
    case: str, fields: dict[str, Any], expected: str | None
) -> None:
    session = session_with(**fields)
    assert mismatch(session, "inr", 319_840) == expected, case
    assert mismatch(state(session), "INR", 319_840) == expected, "the case of a currency code does not matter"


def test_a_fully_discounted_session_pays_an_order_over_nothing() -> None:
    session = session_with(amount_total=0, total_details={"amount_discount": 399_800})
    assert session.before_tax == 0
    assert mismatch(session, "inr", 0) is None
    assert mismatch(session, "inr", 1) == "amount_differs"


@pytest.mark.parametrize(
    ("session_ids", "expected"),
    [(["cs_1"], None), (["cs_0", "cs_1"], None), ([], None), (["cs_2"], "session_unknown")],
    ids=["its own", "one of two", "stored without", "another"],
)
def test_only_a_session_that_checkout_made_pays_the_order(
    session_ids: list[str], expected: str | None
) -> None:
    session = SessionState("cs_1", "complete", "paid", "eur", 3000, 3000, order_id="ord_1", payment_id="pi_1")
    assert payment_mismatch(session, "eur", 3000, session_ids) == expected
    assert payment_mismatch(session, "eur", 2999, session_ids) == (expected or "amount_differs")


@pytest.mark.parametrize(
    ("status", "paid", "payment", "expected"),
    [
        ("paid", 3000, "pi_1", None),
        ("paid", 3000, None, "payment_missing"),
        ("paid", 3000, "cs_1", "payment_missing"),
        ("no_payment_required", 0, None, None),
        ("paid", 0, None, None),
        ("unpaid", 3000, None, None),
    ],
)
def test_a_session_that_reports_money_names_the_payment(
    status: str, paid: int, payment: str | None, expected: str | None
) -> None:
    session = SessionState("cs_1", "complete", status, "eur", paid, paid, payment_id=payment)
    assert payment_mismatch(session, "eur", paid, ["cs_1"]) == expected
    assert payment_mismatch(session, "eur", paid, ["cs_1"], accepted=True) == expected


@pytest.mark.parametrize(
    ("in_metadata", "session_of_order", "expected"),
    [
        ("ord_1", "cs_1", True),
        ("ord_1", None, True),
        ("ord_1", "cs_other", True),
        (None, "cs_1", True),
        ("ord_2", "cs_1", True),
        ("ord_2", "cs_other", False),
        ("ord_2", None, False),
        (None, None, False),
    ],
)
def test_a_session_is_for_the_order_that_its_metadata_names_or_that_has_it(
    in_metadata: str | None, session_of_order: str | None, expected: bool
) -> None:
    session = SessionState("cs_1", "complete", "paid", "eur", 3000, 3000, order_id=in_metadata)
    assert names_order(session, "ord_1", [session_of_order] if session_of_order else []) is expected


def test_a_session_without_an_id_is_not_that_of_an_order_without_a_session() -> None:
    session = SessionState(None, "complete", "paid", "eur", 3000, 3000)
    assert names_order(session, "ord_1", ()) is False


@pytest.mark.parametrize(
    ("amounts", "paid", "parts"),
    [
        ([3000, 2000], 5000, [3000, 2000]),
        ([3000, 2000], 5950, [3570, 2380]),  # 19 % on top
        ([1000, 1000, 1000], 3571, [1191, 1190, 1190]),
        ([3000, 0], 3570, [3570, 0]),
        ([0, 0], 0, [0, 0]),
    ],
)
def test_tax_on_top_is_part_of_what_was_paid_for_a_line(
    amounts: list[int], paid: int, parts: list[int]
) -> None:
    assert paid_by_line(amounts, paid) == parts


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_without_tax_each_line_was_paid_with_its_amount(amounts: list[int]) -> None:
    assert paid_by_line(amounts, sum(amounts)) == amounts
