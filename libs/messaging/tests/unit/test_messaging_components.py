"""Whose an event is: the short way and the full one agree."""

import random

import pytest

from messaging.event import Event
from messaging.event_set import _by_component, _by_owner

FOLLOW = ("parcel", "label")


@pytest.mark.parametrize("seed", range(300))
def test_the_short_way_gives_each_owner_the_same_events(seed: int) -> None:
    rng = random.Random(seed)
    few = 3 if seed % 2 else 12  # with few names, owners are tied together more often than not
    events = []
    for number in range(rng.randint(1, 14)):
        links = {name: f"{name}{rng.randrange(few)}" for name in FOLLOW if rng.random() < 0.6}
        if rng.random() < 0.4:
            links["customer"] = f"c{rng.randrange(few)}"
        events.append(Event(f"e{number}", "t", 0, links=links))
    owners = {f"c{number}" for number in range(few // 2)}
    short = _by_owner(events, owners, "customer", FOLLOW)
    full = _by_component(events, owners, "customer", FOLLOW)
    reached = {event.id for found in full.values() for event in found}
    assert {name: {e.id for e in found} & reached for name, found in short.items()} == {
        name: {e.id for e in found} for name, found in full.items()
    }
    assert all(len(found) == len({e.id for e in found}) for found in short.values())
