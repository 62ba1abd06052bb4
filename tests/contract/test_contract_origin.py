"""All services agree on which events are ours: access, order state, mails and reports follow the same links.

The messages of one order go through the facts, links and rules of all four services.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from checkout.domain import OrderRecord, RecordedLine, derive_state, group_events
from checkout.handlers import CheckoutHandler
from checkout.store import event_set as checkout_set
from enrollment.domain import Policy, decide
from enrollment.domain.facts import FOLLOW as ENROLLMENT_FOLLOW
from enrollment.domain.facts import OWNER as ENROLLMENT_OWNER
from enrollment.facts import event_of as enrollment_event
from messaging.eventset.event import Event, chronological
from messaging.eventset.grouping import search_by_owner
from messaging.message import Message
from notifications.domain.mails import mails_of
from notifications.facts import FOLLOW as NOTIFICATIONS_FOLLOW
from notifications.facts import OWNER as NOTIFICATIONS_OWNER
from notifications.facts import event_of as notifications_event
from reporting.domain.sales import ledger_of
from reporting.facts import FOLLOW as REPORTING_FOLLOW
from reporting.facts import event_of as reporting_event
from reporting.store.tables import OWNER as REPORTING_OWNER
from schemas.rules import origin_metadata
from schemas.topics import stripe_topic

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START + timedelta(days=1)
ORDER, USER, SESSION, PAYMENT, CHARGE, PRICE = "ord_1", "user_1", "cs_1", "pi_1", "ch_1", 4900
OURS = origin_metadata(ORDER, USER)
OLD = {"order_id": ORDER, "user_id": USER}
OTHERS = {"order_id": "10017", "user_id": "42"}


@dataclass
class Messages:
    """Messages about one order. `envelope`: further fields of Stripe's events."""

    envelope: dict[str, Any] = field(default_factory=dict)
    all: list[Message] = field(default_factory=list)

    def placed(self) -> "Messages":
        line = {"line_id": "l1", "kind": "course", "course_id": "c1", "title": "Sitar", "list_amount": PRICE}
        body = {
            "order_id": ORDER, "user_id": USER, "email": "asha@example.com", "currency": "eur",
            "amount_total": PRICE, "lines": [line], "session_id": SESSION,
            "terms": {"version": "1", "accepted_at": START.isoformat()},
        }  # fmt: skip
        return self._add("orders", "masterji.order.placed.v1", body, 0)

    def session(self, metadata: dict[str, str], **more: Any) -> "Messages":
        return self._stripe("checkout.session.completed", {
            "id": SESSION, "object": "checkout.session", "mode": "payment", "status": "complete",
            "payment_status": "paid", "currency": "eur", "amount_subtotal": PRICE, "amount_total": PRICE,
            "payment_intent": PAYMENT, "metadata": metadata, **more,
        })  # fmt: skip

    def charge(self) -> "Messages":
        return self._stripe("charge.succeeded", {
            "id": CHARGE, "object": "charge", "status": "succeeded", "currency": "eur", "amount": PRICE,
            "amount_captured": PRICE, "captured": True, "payment_intent": PAYMENT, "metadata": {},
        })  # fmt: skip

    def intent(self) -> "Messages":
        return self._stripe("payment_intent.succeeded", {
            "id": PAYMENT, "object": "payment_intent", "status": "succeeded", "currency": "eur",
            "amount": PRICE, "amount_received": PRICE, "latest_charge": CHARGE, "metadata": {},
        })  # fmt: skip

    def refund(self, **more: Any) -> "Messages":
        return self._stripe("refund.created", {
            "id": "re_1", "object": "refund", "status": "succeeded", "currency": "eur", "amount": PRICE,
            "charge": CHARGE, "payment_intent": None, "metadata": {}, **more,
        })  # fmt: skip

    def _stripe(self, type_: str, obj: dict[str, Any]) -> "Messages":
        seconds = len(self.all) + 1
        body = {
            "id": f"evt_{len(self.all)}", "object": "event", "type": type_, "livemode": False,
            "created": int(START.timestamp()) + seconds, "api_version": "2026-10-28.endive",
            "data": {"object": obj}, **self.envelope,
        }  # fmt: skip
        return self._add(stripe_topic(type_), type_, body, seconds)

    def _add(self, topic: str, type_: str, body: dict[str, Any], seconds: int) -> "Messages":
        number = len(self.all)
        time = START + timedelta(seconds=seconds)
        value = json.dumps(body).encode()
        self.all.append(Message(topic, 0, number, None, value, f"evt_{number}", type_, "test", time))
        return self


Decode = Callable[[Message], Event | None]


def owned(
    messages: Sequence[Message],
    decode: Decode,
    name: str,
    link: str,
    follow: Sequence[str],
    across: Sequence[str],
) -> list[Event]:
    """The events that a service stores, as far as its links lead from the owner to them."""
    events = [event for each in messages if (event := decode(each)) is not None]
    return chronological(search_by_owner(events, [name], link, follow, across)[name])


def outcome(messages: Sequence[Message]) -> dict[str, object]:
    """What each service makes of the order: its state, the access, the mails and the net revenue."""
    decode = CheckoutHandler(lambda: NOW).decode
    links, follow = checkout_set.EVENTS.links, checkout_set.FOLLOW
    stored = owned(messages, decode, ORDER, checkout_set.OWNER, follow, links)
    record = OrderRecord(ORDER, "eur", (RecordedLine("l1", PRICE),), SESSION, None, True)
    of_user = owned(
        messages, enrollment_event, USER, ENROLLMENT_OWNER, ENROLLMENT_FOLLOW, across=("order_id",)
    )
    decision = decide(USER, of_user, NOW, Policy())
    of_order = owned(
        messages, notifications_event, ORDER, NOTIFICATIONS_OWNER, NOTIFICATIONS_FOLLOW, NOTIFICATIONS_FOLLOW
    )
    ledger = ledger_of(
        ORDER, owned(messages, reporting_event, ORDER, REPORTING_OWNER, REPORTING_FOLLOW, REPORTING_FOLLOW)
    )
    return {
        "checkout": derive_state(record, group_events(stored)).state.value,
        "enrollment": [access.state for access in decision.access],
        "gaps": [gap.reason for gap in decision.unfulfilled],
        "notifications": [mail.template for mail in mails_of(ORDER, of_order)],
        "reporting": [(line.kind, line.gross - line.refunded) for line in ledger.lines],
        "unattributed": [row.reason for row in ledger.unattributed],
    }


PAID = {
    "checkout": "paid",
    "enrollment": ["active"],
    "gaps": [],
    "notifications": ["receipt"],
    "reporting": [("sale", PRICE)],
    "unattributed": [],
}
REFUNDED = {
    "checkout": "refunded",
    "enrollment": ["revoked"],
    "gaps": [],
    "notifications": ["receipt", "refund"],
    "reporting": [("sale", PRICE), ("refund", -PRICE)],
    "unattributed": [],
}
NOTHING = {
    "checkout": "open",
    "enrollment": [],
    "gaps": [],
    "notifications": [],
    "reporting": [],
    "unattributed": [],
}


@pytest.mark.parametrize("metadata", [OURS, OLD, OTHERS, {}], ids=["ours", "old keys", "of others", "none"])
def test_a_session_that_checkout_made_pays_its_order_whatever_its_metadata_names(
    metadata: dict[str, str],
) -> None:
    assert outcome(Messages().placed().session(metadata).charge().all) == PAID


def test_a_session_that_checkout_did_not_make_pays_nothing_and_is_listed_everywhere() -> None:
    found = outcome(Messages().placed().session(OURS, id="cs_link").charge().all)
    assert found == {
        **NOTHING,
        "checkout": "processing",
        "gaps": ["session_unknown"],
        "unattributed": ["session_unknown"],
    }


def test_a_session_that_reports_money_and_no_payment_pays_nothing_and_is_listed_everywhere() -> None:
    found = outcome(Messages().placed().session(OURS, payment_intent=None).all)
    assert found == {
        **NOTHING,
        "checkout": "processing",
        "gaps": ["payment_missing"],
        "unattributed": ["payment_missing"],
    }


@pytest.mark.parametrize("tie", ["charge", "intent"])
def test_a_refund_that_names_only_its_charge_reaches_every_service(tie: str) -> None:
    messages = Messages().placed().session({})
    getattr(messages, tie)()
    for arrived in permutations(messages.refund().all):
        assert outcome(arrived) == REFUNDED


@pytest.mark.parametrize("envelope", [{"account": "acct_other"}, {"context": "acct_other"}], ids=str)
def test_an_event_of_another_account_is_believed_nowhere(envelope: dict[str, str]) -> None:
    messages = Messages(envelope).placed().session(OURS).charge().intent().refund()
    assert outcome(messages.all) == NOTHING


def test_a_text_that_is_no_character_costs_no_payment() -> None:
    name = {"name": "Asha\x00", "email": "asha@example.com\ud800"}
    messages = Messages().placed().session({**OURS, "note": "\udfff"}, customer_details=name).charge()
    assert outcome(messages.all) == PAID


def test_an_event_of_a_beta_version_is_believed() -> None:
    version = "2025-03-31.basil; checkout_server_update_beta=v1"
    assert outcome(Messages({"api_version": version}).placed().session(OURS).charge().all) == PAID


def test_metadata_of_another_application_leads_to_no_gap_and_to_foreign_money() -> None:
    messages = Messages().session(OTHERS).charge().intent().all
    theirs = [event for each in messages if (event := enrollment_event(each)) is not None]
    assert all(not {"user_id", "order_id"} & event.links.keys() for event in theirs)
    events = owned(messages, reporting_event, PAYMENT, REPORTING_OWNER, REPORTING_FOLLOW, REPORTING_FOLLOW)
    assert [(row.reason, row.amount) for row in ledger_of(PAYMENT, events).unattributed] == [
        ("foreign", PRICE)
    ]


def test_foreign_money_is_reported_once_even_if_its_refund_names_only_the_charge() -> None:
    messages = Messages().session(OTHERS).charge().refund().all
    rows = [
        (row.payment_id, row.amount, row.refunded)
        for name in (PAYMENT, CHARGE)
        for row in ledger_of(
            name,
            owned(messages, reporting_event, name, REPORTING_OWNER, REPORTING_FOLLOW, REPORTING_FOLLOW),
        ).unattributed
    ]
    assert rows == [(PAYMENT, PRICE, PRICE)]
