"""Which messages become events for checkout, and which facts they carry."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from checkout.domain.facts import ChargeFacts, SessionFacts
from checkout.facts import STORED, event_of, is_stored
from messaging.errors import Poison
from messaging.eventset.facts import Facts
from messaging.message import Message
from schemas.events import DuplicateDetected, EnrollmentChanged
from schemas.topics import stripe_topic

BORN = datetime(2026, 3, 1, 12, tzinfo=UTC)
SESSION = {
    "id": "cs_1",
    "object": "checkout.session",
    "mode": "payment",
    "status": "complete",
    "payment_status": "paid",
    "currency": "eur",
    "amount_subtotal": 5000,
    "amount_total": 5950,
    "total_details": {"amount_discount": 0, "amount_tax": 950, "amount_shipping": 0},
    "payment_intent": "pi_1",
    "customer_details": {"email": "asha@example.com", "name": "Asha"},
    "metadata": {"order_id": "ord_1"},
}
CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "status": "succeeded",
    "amount": 5950,
    "currency": "eur",
    "payment_intent": "pi_1",
    "billing_details": {"email": "asha@example.com", "name": "Asha"},
    "receipt_url": "https://pay.stripe.com/receipts/1",
    "metadata": {},
}


def message(topic: str, type_: str, body: dict[str, Any]) -> Message:
    value = json.dumps(body).encode()
    return Message(
        topic=topic, partition=0, offset=0, key=None, value=value, id="m_1", type=type_, source="s", time=BORN
    )


def of_stripe(type_: str, about: dict[str, Any]) -> Message:
    body = {"id": "evt_1", "object": "event", "type": type_, "created": 1_772_366_400}
    return message(stripe_topic(type_), type_, body | {"data": {"object": about}})


def test_a_session_keeps_what_the_rules_need_and_no_personal_data() -> None:
    event = event_of(of_stripe("checkout.session.completed", SESSION))
    assert event is not None
    assert event.links == {"order_id": "ord_1", "session_id": "cs_1", "payment_intent_id": "pi_1"}
    assert event.facts == SessionFacts(
        mode="payment",
        payment_status="paid",
        currency="eur",
        amount_total=5950,
        amount_tax=950,
        before_tax=5000,
        payment_intent="pi_1",
    )
    assert isinstance(event.facts, Facts)
    assert "asha" not in STORED.encode(event.facts).lower()


@pytest.mark.parametrize(
    "about",
    [SESSION | {"mode": "subscription"}, SESSION | {"mode": "setup"}, CHARGE | {"status": "failed"}],
    ids=["a subscription", "a saved card", "a declined charge"],
)
def test_what_pays_no_order_is_no_event(about: dict[str, Any]) -> None:
    type_ = "charge.failed" if about["object"] == "charge" else "checkout.session.completed"
    assert event_of(of_stripe(type_, about)) is None


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://pay.stripe.com/receipts/1", True),
        ("http://127.0.0.1:8010/receipts/1", True),
        ("javascript:alert(1)", False),
        ("https://pay.stripe.com/" + "x" * 1000, False),
        (None, False),
    ],
    ids=["https", "http", "script", "too long", "none"],
)
def test_only_an_address_that_pages_may_link_to_is_kept(url: str | None, kept: bool) -> None:
    event = event_of(of_stripe("charge.succeeded", CHARGE | {"receipt_url": url}))
    assert event is not None
    assert event.facts == ChargeFacts(receipt_url=url if kept else None, currency="eur")


def test_announcements_of_enrollment_are_applied_and_not_stored() -> None:
    changed = EnrollmentChanged(user_id="usr_1", course_id="ragas", access=True, state="active", version=3)
    found = DuplicateDetected(
        user_id="usr_1",
        course_id="ragas",
        order_id="ord_2",
        first_order_id="ord_1",
        detected_at=BORN,
        version=1,
    )
    for body in (changed, found):
        event = event_of(message("enrollments", body.TYPE, json.loads(body.to_json())))
        assert event is not None
        assert event.facts == body
        assert not is_stored(event)


def test_a_message_of_another_type_is_no_event() -> None:
    assert event_of(message("enrollments", "masterji.enrollment.renamed.v1", {})) is None


@pytest.mark.parametrize(
    "broken",
    [
        message("enrollments", EnrollmentChanged.TYPE, {"user_id": "usr_1"}),
        message("stripe.checkout", "checkout.session.completed", {"id": "evt_1"}),
    ],
    ids=["an announcement", "an event of Stripe"],
)
def test_a_message_that_violates_its_contract_is_poison(broken: Message) -> None:
    with pytest.raises(Poison, match="contract"):
        event_of(broken)
