"""Facts and contexts that earlier releases stored can be read, and lead to the same mails.

The files in `tests/data` hold orders with their events, and contexts of deliveries, as two releases stored
them (the name of a case begins with the release's commit), and the mails that the release before typed facts
derived and rendered. They are never regenerated: databases in use hold such rows.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from messaging.eventset.event import Event, chronological
from messaging.eventset.facts import Facts
from notifications.domain.contexts import CONTEXT_OF, Context, ReceiptContext, RefundContext, decode
from notifications.domain.facts import FACTS_OF, ChargeFacts, DisputeFacts
from notifications.domain.mails import mails_of
from notifications.facts import STORED
from notifications.mails.rendering import Renderer
from servicekit.pages.brand import Brand

DATA = Path(__file__).resolve().parents[1] / "data"
ORDERS: list[dict[str, Any]] = json.loads((DATA / "stored_facts.json").read_text(encoding="utf-8"))
DELIVERIES: list[dict[str, Any]] = json.loads((DATA / "stored_contexts.json").read_text(encoding="utf-8"))

orders = pytest.mark.parametrize("case", ORDERS, ids=lambda case: case["name"])
deliveries = pytest.mark.parametrize("case", DELIVERIES, ids=lambda case: case["name"])


def stored(event: dict[str, Any]) -> Event[Facts]:
    return Event(**event | {"facts": STORED.decode(event["type"], json.dumps(event["facts"]))})


def without_the_present(context: Context) -> Context:
    """A receipt as the releases in the sample wrote it, without what happened since the payment."""
    if isinstance(context, ReceiptContext):
        return msgspec.structs.replace(context, refunded=0, ended=())
    return context


@orders
def test_stored_facts_lead_to_the_mails_that_they_led_to_when_stored(case: dict[str, Any]) -> None:
    mails = mails_of(case["order_id"], chronological([stored(event) for event in case["events"]]))

    assert [
        {
            "template": mail.template,
            "about": mail.about,
            "order_id": mail.order_id,
            "user_id": mail.user_id,
            "recipient": mail.recipient,
            "locale": mail.locale,
            "happened_at": mail.happened_at,
            "context": without_the_present(mail.context),
        }
        for mail in mails
    ] == [
        {
            **mail,
            "happened_at": datetime.fromisoformat(mail["happened_at"]),
            "context": decode(mail["template"], json.dumps(mail["context"])),
        }
        for mail in case["mails"]
    ]


@orders
def test_the_release_before_finds_all_that_it_requires_in_stored_facts(case: dict[str, Any]) -> None:
    # Both run during a deployment. It reads no order from a refund's facts; the others are optional to it.
    optional = {"created", "line_ids", "duplicate", "bundle_id"}
    for event in case["events"]:
        before, after = event["facts"], json.loads(STORED.encode(stored(event).facts))
        ignored = {"order_id"} if "refund_id" in before else set()
        lines = zip(before.get("lines", []), after.get("lines", []), strict=True)
        for old, new in ((before, after), *lines):
            assert set(old) - set(new) <= optional | ignored
            assert {name: old[name] for name in new if name != "lines"} == {
                name: new[name] for name in new if name != "lines"
            }


@deliveries
def test_a_stored_delivery_shows_what_it_showed_when_stored(case: dict[str, Any]) -> None:
    context = decode(case["template"], json.dumps(case["context"]))

    text = Renderer("https://learn.example.com", Brand()).render(context, case["locale"]).text

    assert [shown for shown in case["shown"] if shown not in text] == []
    assert [hidden for hidden in case["hidden"] if hidden in text] == []


@deliveries
def test_a_stored_context_is_stored_again_under_the_same_names(case: dict[str, Any]) -> None:
    context = decode(case["template"], json.dumps(case["context"]))

    text = msgspec.json.encode(context).decode()

    assert decode(case["template"], text) == context
    assert set(json.loads(text)) <= set(case["context"])
    missing = set(case["context"]) - set(json.loads(text))
    assert {name for name in missing if case["context"][name]} == set(), "only defaults are left out"


def test_a_refund_stored_before_duplicates_were_mailed_is_none_of_a_duplicate() -> None:
    context = next(case["context"] for case in DELIVERIES if case["template"] == "refund")
    oldest = {name: value for name, value in context.items() if name != "duplicate"}

    decoded = decode("refund", json.dumps(oldest))

    assert isinstance(decoded, RefundContext)
    assert decoded.duplicate is False


def test_the_samples_hold_every_struct_with_every_field() -> None:
    named: dict[type[Facts], set[str]] = {}
    for case in ORDERS:
        for event in case["events"]:
            named.setdefault(FACTS_OF[event["type"]], set()).update(event["facts"])
    for case in DELIVERIES:
        named.setdefault(CONTEXT_OF[case["template"]], set()).update(case["context"])

    # A plain Facts has no field that could be read otherwise. The releases in the sample read no charges and
    # no disputes.
    assert set(named) == {*FACTS_OF.values(), *CONTEXT_OF.values()} - {Facts, ChargeFacts, DisputeFacts}
    new = {ReceiptContext: {"refunded", "ended"}}
    for struct, names in named.items():
        assert set(struct.__struct_fields__) - new.get(struct, set()) <= names, struct.__name__


def test_an_order_without_the_erased_address_leads_to_no_mail() -> None:
    erased = [case for case in ORDERS if case["name"].endswith("erased")]

    assert {"email" in event["facts"] for case in erased for event in case["events"]} == {False}
    assert [case["mails"] for case in erased] == [[], []]
