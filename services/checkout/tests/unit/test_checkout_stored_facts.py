"""Facts that earlier releases stored can be read, and lead to the same states.

`data/stored_facts.json` holds orders, Stripe's events about them as two releases stored them (the name of a
case begins with the release's commit), and the state that the release with lines derived from them. It is
never regenerated: databases in use hold such rows.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkout.domain import OrderRecord, OrderState, derive_state, group_events
from checkout.domain.facts import ChargeFacts, DisputeFacts, RefundFacts, SessionFacts
from checkout.facts import STORED
from messaging.eventset.event import Event, chronological
from messaging.eventset.facts import Facts

DATA = Path(__file__).resolve().parents[1] / "data"
NOT_STORED_BEFORE = {
    ChargeFacts: {"amount_returned", "currency", "refunds"},
    DisputeFacts: {"created", "bookings"},
}
"""What the releases in the sample did not read."""
CASES: list[dict[str, Any]] = json.loads((DATA / "stored_facts.json").read_text())


def stored(event: dict[str, Any]) -> Event[Facts]:
    return Event(**event | {"facts": STORED.decode(event["type"], json.dumps(event["facts"]))})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_stored_facts_lead_to_the_state_that_they_led_to_when_stored(case: dict[str, Any]) -> None:
    events = [stored(event) for event in case["events"]]
    order = msgspec.convert(case["order"], OrderRecord)
    state = derive_state(order, group_events(chronological(events)))
    assert state == msgspec.convert(case["state"], OrderState)


def test_the_sample_holds_every_kind_of_facts_with_every_field() -> None:
    for kind in (SessionFacts, ChargeFacts, RefundFacts, DisputeFacts):
        named: set[str] = set()
        for case in CASES:
            for event in case["events"]:
                if isinstance(stored(event).facts, kind):
                    named |= set(event["facts"])
        new = NOT_STORED_BEFORE.get(kind, set())
        assert set(kind.__struct_fields__) - new <= named, kind.__name__


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_facts_are_stored_again_as_a_part_of_what_was_stored(case: dict[str, Any]) -> None:
    # The release before reads what this one stores, while both run: the same names, without defaults.
    for event in case["events"]:
        again = json.loads(STORED.encode(stored(event).facts))
        assert again.items() <= event["facts"].items()
        lost = set(event["facts"]) - set(again)
        assert {name for name in lost if event["facts"][name] != 0} <= {"status"}
