"""The order in which the events of a set apply."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from messaging.eventset.event import Event, chronological

SECOND = 1_000_000


def event(
    name: str,
    created: int = SECOND,
    rank: int = 0,
    thing: str | None = "thing",
    status: str | None = None,
    replaced: str | None = None,
) -> Event:
    return Event(name, "t", created, {}, rank, object_id=thing, status=status, previous_status=replaced)


def names(events: list[Event]) -> list[str]:
    return [each.id for each in events]


statuses = st.sampled_from([None, "open", "paid", "refunded"])
sets_of_events = st.lists(
    st.builds(
        event,
        name=st.uuids().map(str),
        created=st.integers(0, 2),
        rank=st.integers(0, 2),
        thing=st.sampled_from([None, "one", "two"]),
        status=statuses,
        replaced=statuses,
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@given(sets_of_events.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_any_permutation_gives_the_same_order(both: tuple[list[Event], list[Event]]) -> None:
    events, shuffled = both
    assert chronological(shuffled) == chronological(events)


@given(sets_of_events)
def test_every_event_is_kept_and_times_never_decrease(events: list[Event]) -> None:
    ordered = chronological(events)
    assert sorted(names(ordered)) == sorted(names(events))
    assert [each.created for each in ordered] == sorted(each.created for each in events)


def test_time_takes_precedence_over_everything() -> None:
    early = event("z", created=SECOND, rank=9, status="paid", replaced="open")
    late = event("a", created=SECOND + 1, rank=0, status="open")
    assert names(chronological([late, early])) == ["z", "a"]


def test_simultaneous_events_are_ordered_by_rank_and_then_id() -> None:
    events = [event("b", rank=1), event("c", rank=0), event("a", rank=1)]
    assert names(chronological(events)) == ["c", "a", "b"]


def test_proof_takes_precedence_over_rank_and_id() -> None:
    events = [
        event("a", rank=9, status="refunded", replaced="paid"),
        event("b", rank=5, status="paid", replaced="open"),
        event("c", rank=7, status="open"),
    ]
    for order in permutations(events):
        assert names(chronological(order)) == ["c", "b", "a"]


def test_a_proof_applies_only_to_events_of_the_same_object() -> None:
    later = event("a", thing="one", status="paid", replaced="open")
    other = event("b", thing="two", status="open")
    assert names(chronological([other, later])) == ["a", "b"]


def test_events_of_other_objects_keep_their_places() -> None:
    events = [
        event("a", thing="one", status="paid", replaced="open"),
        event("b", thing=None),
        event("c", thing="one", status="open"),
    ]
    assert names(chronological(events)) == ["c", "b", "a"]


def test_proofs_in_a_cycle_prove_nothing_and_count_as_a_tie() -> None:
    ties: list[None] = []
    events = [
        event("b", rank=0, status="active", replaced="paused"),
        event("a", rank=1, status="paused", replaced="active"),
    ]
    for order in permutations(events):
        ties.clear()
        assert names(chronological(order, lambda: ties.append(None))) == ["b", "a"]
        assert len(ties) == 1


def test_a_cycle_keeps_the_other_events_in_order() -> None:
    events = [
        event("a", status="paused", replaced="active"),
        event("b", status="active", replaced="paused"),
        event("c", rank=1, status="ended", replaced="active"),
    ]
    for order in permutations(events):
        assert names(chronological(order)) == ["a", "b", "c"]


def test_a_tie_is_counted_once_for_each_object_and_instant() -> None:
    ties: list[None] = []
    events = [
        *(event(f"one-{i}", thing="one", status=f"s{i}") for i in range(3)),
        *(event(f"two-{i}", thing="two", status=f"s{i}") for i in range(2)),
        *(event(f"late-{i}", thing="two", created=5 * SECOND, status=f"s{i}") for i in range(2)),
    ]
    chronological(events, lambda: ties.append(None))
    assert len(ties) == 3


def test_proven_order_and_equal_status_are_not_a_tie() -> None:
    ties: list[None] = []
    proven = [event("b", status="open"), event("a", status="paid", replaced="open")]
    same = [event("c", thing="other", status="paid"), event("d", thing="other", status="paid")]
    alone = [event("e", thing=None, status="x"), event("f", thing=None, status="y")]
    chronological([*proven, *same, *alone], lambda: ties.append(None))
    assert ties == []
