"""Events that an earlier release stored decode, and lead to the same decision.

Each file holds the events of some users as that commit stored them, and what commit 360a78a decided.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from enrollment_messages import DAY, at
from enrollment_stories import Story

from enrollment.domain import Policy, decide
from enrollment.domain.facts import FACTS_OF
from enrollment.store.tables import FACTS
from messaging.eventset.event import Event, chronological
from messaging.eventset.facts import Facts

FILES = sorted((Path(__file__).parents[1] / "data").glob("stored-facts-*.json"))
RELEASES: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text("utf-8")) for path in FILES}
SAMPLES = [(release, user) for release, users in RELEASES.items() for user in users]


def loaded(stored: dict[str, Any]) -> Event[Facts]:
    """Return the event as the event set loads it."""
    return Event(**{**stored, "facts": FACTS.decode(stored["type"], json.dumps(stored["facts"]))})


@pytest.mark.parametrize(("release", "user"), SAMPLES)
def test_the_events_that_a_release_stored_lead_to_the_same_decision(release: str, user: str) -> None:
    sample = RELEASES[release][user]
    events = chronological(map(loaded, sample["events"]))
    decision = decide(user, events, at(40 * DAY), Policy())
    assert json.loads(msgspec.json.encode(decision)) == sample["decision"]


@pytest.mark.parametrize("release", RELEASES)
def test_the_samples_of_each_release_have_all_kinds_of_facts(release: str) -> None:
    events = [event for sample in RELEASES[release].values() for event in sample["events"]]
    assert {type(loaded(event).facts) for event in events} == set(FACTS_OF.values())


def test_facts_are_loaded_as_they_were_recorded() -> None:
    story = Story().purchase("ord_1", ("python", 3000), ("sql", 2000), tax=95, days=30)
    story.refund("ord_1", 2000, t=DAY, lines=["ord_1_l2"]).dispute("ord_1", "lost", t=DAY)
    story.fraud_warning("ord_1", t=DAY).grant("dec_1", "rust", DAY, until=2 * DAY)
    story.subscribed("ord_2").customer_deleted(t=3 * DAY)
    for event in story.events:
        assert FACTS.decode(event.type, FACTS.encode(event.facts)) == event.facts
