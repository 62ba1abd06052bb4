"""Whose an event is: the short way and the full search agree."""

import random

import pytest

from messaging.eventset.event import Event
from messaging.eventset.event_set import EventSet, _by_owner, _searched

FOLLOW = ("parcel", "label")


@pytest.mark.parametrize("across", [FOLLOW, ("parcel",), ()], ids=["all", "one", "none"])
@pytest.mark.parametrize("seed", range(150))
def test_the_short_way_gives_each_owner_the_same_events(seed: int, across: tuple[str, ...]) -> None:
    rng = random.Random(seed)
    few = 3 if seed % 2 else 12  # with few names, owners are tied together more often than not
    events = []
    for number in range(rng.randint(1, 14)):
        links = {name: f"{name}{rng.randrange(few)}" for name in FOLLOW if rng.random() < 0.6}
        if rng.random() < 0.4:
            links["customer"] = f"c{rng.randrange(few)}"
        events.append(Event(f"e{number}", "t", 0, links=links))
    owners = {f"c{number}" for number in range(few // 2)}
    short = _by_owner(events, owners, "customer", FOLLOW, across)
    full = _searched(events, owners, "customer", FOLLOW, across)
    assert {name: {e.id for e in found} for name, found in short.items()} == {
        name: {e.id for e in found} for name, found in full.items()
    }
    assert all(len(found) == len({e.id for e in found}) for found in short.values())


def test_another_owner_s_event_counts_only_across_the_links_that_say_so() -> None:
    gift = Event("gift", "t", 0, links={"customer": "b", "parcel": "p", "label": "l"})
    mine = Event("mine", "t", 0, links={"customer": "a", "parcel": "p"})
    loose = Event("loose", "t", 0, links={"label": "l"})
    for across, expected in [(("parcel",), {"mine", "gift", "loose"}), (("label",), {"mine"})]:
        found = _by_owner([gift, mine, loose], {"a"}, "customer", FOLLOW, across)
        assert {event.id for event in found["a"]} == expected


def test_an_owner_that_is_no_link_is_refused() -> None:
    with pytest.raises(ValueError, match="among the links"):
        EventSet(["parcel"], owner="customer")
