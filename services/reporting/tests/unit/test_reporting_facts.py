"""Events that reporting stores: the facts that its rules read, without personal data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from reporting_order_events import OrderEvents

from messaging.message import Message
from reporting.domain.facts import MoneyEvent, OrderFacts, PaymentFacts, RefundFacts, SessionFacts
from reporting.facts import event_of
from reporting.handlers import TOPICS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS = {"order_id": "ord_1", "user_id": "user_1"}
PERSON = {"email": "asha@example.com", "name": "Asha", "phone": "+49", "address": {"country": "DE"}}

SESSION: dict[str, Any] = {
    "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete",
    "payment_status": "paid", "amount_total": 2000, "currency": "eur", "payment_intent": "pi_1",
    "client_reference_id": "ord_1",
    "metadata": OURS, "customer_details": PERSON,
}  # fmt: skip
INTENT: dict[str, Any] = {
    "id": "pi_1", "object": "payment_intent", "amount": 2000, "amount_received": 2000, "currency": "eur",
    "status": "succeeded", "metadata": OURS, "latest_charge": "ch_1", "receipt_email": PERSON["email"],
}  # fmt: skip
CHARGE: dict[str, Any] = {
    "id": "ch_1", "object": "charge", "amount": 2000, "amount_captured": 1500, "captured": True,
    "currency": "eur", "status": "succeeded", "metadata": {}, "billing_details": PERSON,
}  # fmt: skip
REFUND: dict[str, Any] = {
    "id": "re_1", "object": "refund", "amount": 500, "currency": "eur", "status": "pending",
    "payment_intent": "pi_1", "charge": "ch_1", "metadata": {}, "created": int(AT.timestamp()) - 60,
}  # fmt: skip


def message(type_: str, value: bytes) -> Message:
    return Message("t", 0, 0, None, value, "evt_1", type_, "test", AT)


def stripe(type_: str, obj: dict[str, Any], **previous: Any) -> MoneyEvent | None:
    body = {
        "id": "evt_1", "object": "event", "type": type_, "created": int(AT.timestamp()), "livemode": False,
        "api_version": "2026-10-28.endive", "data": {"object": obj, "previous_attributes": previous},
    }  # fmt: skip
    return event_of(message(type_, json.dumps(body).encode()))


def order_body(**more: Any) -> bytes:
    line = {
        "line_id": "line_1", "kind": "course", "course_id": "sitar", "category": "music", "title": "Sitar",
        "list_amount": 2000,
    }  # fmt: skip
    body = {
        **OURS, "email": PERSON["email"], "country": "DE", "currency": "eur", "amount_total": 2000,
        "terms": {"version": "1", "accepted_at": AT.isoformat()}, "lines": [line], **more,
    }  # fmt: skip
    return json.dumps(body).encode()


def test_events_written_by_the_tests_match_real_messages(new_order: Callable[..., OrderEvents]) -> None:
    """Otherwise the other tests would check the rules with facts that no message has."""
    order = new_order()
    pairs = [
        (order.placed(2000), event_of(message("masterji.order.placed.v1", order_body()))),
        (order.session(2000), stripe("checkout.session.completed", SESSION)),
        (order.payment_succeeded(2000), stripe("payment_intent.succeeded", INTENT)),
        (order.refund(500, status="pending"), stripe("refund.created", REFUND)),
    ]
    for written, real in pairs:
        assert real is not None
        assert written.type == real.type
        assert type(written.facts) is type(real.facts)
        assert written.links == real.links
        assert written.status == real.status
        assert msgspec.to_builtins(written.facts).keys() == msgspec.to_builtins(real.facts).keys()


def test_the_consumer_subscribes_to_what_its_facts_come_from() -> None:
    assert set(TOPICS) == {
        "orders",
        "stripe.checkout",
        "stripe.payments",
        "stripe.refunds",
        "stripe.disputes",
        "stripe.rereads",
    }


def test_stored_events_contain_no_personal_data() -> None:
    stored = [
        event_of(message("masterji.order.placed.v1", order_body())),
        stripe("checkout.session.completed", SESSION),
        stripe("payment_intent.succeeded", INTENT),
        stripe("charge.succeeded", CHARGE),
    ]

    for event in stored:
        assert event is not None
        assert not [word for word in ("asha", "Asha", "+49") if word in repr(event)]


def test_a_session_is_stored_with_its_total_and_its_amount_before_tax() -> None:
    taxed = {
        "amount_subtotal": 2500, "amount_total": 2380,
        "total_details": {"amount_discount": 500, "amount_shipping": 0, "amount_tax": 380},
    }  # fmt: skip
    event = stripe("checkout.session.completed", SESSION | taxed)

    assert event is not None
    assert isinstance(event.facts, SessionFacts)
    assert (event.facts.amount, event.facts.before_tax) == (2380, 2000)


def test_a_refund_belongs_to_its_payment_and_names_its_lines() -> None:
    refund = stripe(
        "refund.updated",
        REFUND | {"metadata": {"line_ids": "line_2, line_1,", "line_ids_2": "line_3,line_1"}},
        status="pending",
    )

    assert refund is not None
    assert refund.links == {"money_key": "pi_1", "payment_intent_id": "pi_1", "charge_id": "ch_1"}
    assert isinstance(refund.facts, RefundFacts)
    assert refund.facts.line_ids == ("line_2", "line_1", "line_3")
    assert refund.facts.created == int(AT.timestamp()) - 60
    assert refund.previous_status == "pending"
    assert refund.created == int(AT.timestamp()) * 1_000_000


def test_a_charge_counts_with_what_was_captured_as_the_payment_of_its_intent() -> None:
    alone = stripe("charge.succeeded", CHARGE)

    assert alone is not None
    assert isinstance(alone.facts, PaymentFacts)
    assert (alone.links, alone.facts.amount) == ({"money_key": "ch_1", "charge_id": "ch_1"}, 1500)
    of_intent = stripe("charge.succeeded", CHARGE | {"payment_intent": "pi_1"})
    assert of_intent is not None
    assert isinstance(of_intent.facts, PaymentFacts)
    assert of_intent.facts.payment_id == "pi_1"
    assert of_intent.links == {"money_key": "pi_1", "payment_intent_id": "pi_1", "charge_id": "ch_1"}
    assert stripe("charge.succeeded", CHARGE | {"captured": False}) is None


@pytest.mark.parametrize("mode", ["subscription", "setup"])
def test_only_sessions_in_payment_mode_are_stored(mode: str) -> None:
    assert stripe("checkout.session.completed", SESSION | {"mode": mode, "payment_intent": None}) is None


def test_a_session_with_nothing_to_pay_is_its_own_payment() -> None:
    free = SESSION | {"payment_status": "no_payment_required", "payment_intent": None, "amount_total": 0}
    event = stripe("checkout.session.completed", free)

    assert event is not None
    assert isinstance(event.facts, SessionFacts)
    assert (event.links, event.facts.payment_id) == (
        {"money_key": "ord_1", "session_id": "cs_1"},
        "cs_1",
    )


def test_an_order_names_its_session() -> None:
    placed = event_of(message("masterji.order.placed.v1", order_body(session_id="cs_1")))

    assert placed is not None
    assert placed.links == {"money_key": "ord_1", "session_id": "cs_1"}


def test_metadata_of_another_application_is_foreign() -> None:
    others = {"order_id": "10017", "user_id": "42"}
    session = stripe("checkout.session.completed", SESSION | {"metadata": others})

    assert session is not None
    assert not isinstance(session.facts, OrderFacts)
    assert (session.links["money_key"], session.facts.order_id) == ("pi_1", None)


def test_an_event_of_another_account_is_not_even_foreign_money() -> None:
    body = {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "created": int(AT.timestamp()), "livemode": False, "account": "acct_other",
        "data": {"object": SESSION},
    }  # fmt: skip

    assert event_of(message("checkout.session.completed", json.dumps(body).encode())) is None
