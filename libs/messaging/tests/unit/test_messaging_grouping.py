"""Grouping events by owner: the fast path and the full search agree."""

import random

import pytest

from messaging.eventset.event import Event
from messaging.eventset.event_set import EventSet
from messaging.eventset.grouping import group_by_owner, search_by_owner

FOLLOW = ("parcel", "label")


@pytest.mark.parametrize("across", [FOLLOW, ("parcel",), ()], ids=["all", "one", "none"])
@pytest.mark.parametrize("seed", range(150))
def test_the_fast_path_and_the_full_search_give_each_owner_the_same_events(
    seed: int, across: tuple[str, ...]
) -> None:
    rng = random.Random(seed)
    few = 3 if seed % 2 else 12  # with few names, owners are tied together more often than not
    events = []
    for number in range(rng.randint(1, 14)):
        links = {name: f"{name}{rng.randrange(few)}" for name in FOLLOW if rng.random() < 0.6}
        if rng.random() < 0.4:
            links["customer"] = f"c{rng.randrange(few)}"
        events.append(Event(f"e{number}", "t", 0, {}, links=links))
    owners = {f"c{number}" for number in range(few // 2)}
    fast = group_by_owner(events, owners, "customer", FOLLOW, across)
    full = search_by_owner(events, owners, "customer", FOLLOW, across)
    assert {name: {e.id for e in found} for name, found in fast.items()} == {
        name: {e.id for e in found} for name, found in full.items()
    }
    assert all(len(found) == len({e.id for e in found}) for found in fast.values())


def test_an_event_of_another_owner_counts_only_across_the_configured_links() -> None:
    gift = Event("gift", "t", 0, {}, links={"customer": "b", "parcel": "p", "label": "l"})
    mine = Event("mine", "t", 0, {}, links={"customer": "a", "parcel": "p"})
    loose = Event("loose", "t", 0, {}, links={"label": "l"})
    for across, expected in [(("parcel",), {"mine", "gift", "loose"}), (("label",), {"mine"})]:
        found = group_by_owner([gift, mine, loose], {"a"}, "customer", FOLLOW, across)
        assert {event.id for event in found["a"]} == expected


def test_an_owner_that_is_not_a_link_is_refused() -> None:
    with pytest.raises(ValueError, match="among the links"):
        EventSet(["parcel"], owner="customer")
