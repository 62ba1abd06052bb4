"""The set of events in Postgres: no order, no duplicates, and linked events are found."""

import random
from collections.abc import Iterator
from itertools import permutations

import psycopg
import pytest
from messaging_parcels import EVENTS
from psycopg import errors

from messaging.errors import ComponentTooLarge
from messaging.eventset.event import Event
from messaging.eventset.event_set import MAX_ROUNDS, EventSet
from processkit.postgres.database import Database, Session

HUGE = random.Random(1).randbytes(9000).hex()
FOLLOW = ("parcel", "label")


@pytest.fixture
def tx(parcels_dsn: str) -> Iterator[Session]:
    database = Database(parcels_dsn, "tests")
    yield database.connection()
    database.close()


def event(name: str, created: int = 0, **links: str) -> Event:
    return Event(name, "t", created, links=links, facts={"amount": 1})


def owners_of(tx: Session, *events: Event) -> set[str]:
    return EVENTS.owners_of(tx, events, owner="customer", follow=FOLLOW)


def load(tx: Session, *owners: str) -> dict[str, set[str]]:
    found = EVENTS.load(tx, owners, owner="customer", follow=FOLLOW)
    return {owner: {each.id for each in events} for owner, events in found.items()}


CHAIN = (
    event("posted", customer="c1", parcel="p1"),
    event("scanned", parcel="p1", label="l1"),
    event("charged", label="l1"),
)


def test_recording_again_changes_nothing(tx: Session) -> None:
    assert EVENTS.record(tx, CHAIN) == 3
    before = tx.execute("select * from events order by event_id").fetchall()
    assert EVENTS.record(tx, CHAIN) == 0
    assert EVENTS.record(tx, [Event("posted", "changed", 9, {})]) == 0, "the first version is kept"
    assert tx.execute("select * from events order by event_id").fetchall() == before


def test_a_batch_may_be_empty_or_hold_an_event_twice(tx: Session) -> None:
    assert EVENTS.record(tx, [CHAIN[0], CHAIN[0], CHAIN[1]]) == 2
    assert EVENTS.record(tx, []) == 0


def test_an_event_is_loaded_as_it_was_recorded(tx: Session) -> None:
    sent = Event(
        "e1",
        "refund.v1",
        1_795_428_000_123_456,
        {"text": "é ' \" \\ {}", "deep": [{"a": None}], "big": 2**60, "small": -1.5, "yes": True},
        7,
        {"customer": "c", "parcel": "p"},
        "re_1",
        "succeeded",
        "pending",
    )
    plain = Event("e2", "t", -5, {}, links={"customer": "c"})
    EVENTS.record(tx, [sent, plain])
    loaded = EVENTS.load(tx, ["c"], owner="customer", follow=FOLLOW)["c"]
    assert sorted(loaded, key=lambda each: each.id) == [sent, plain]


def test_links_without_a_column_are_ignored(tx: Session) -> None:
    EVENTS.record(tx, [event("e", customer="c", weight="5")])
    assert EVENTS.load(tx, ["c"], owner="customer", follow=FOLLOW)["c"][0].links == {"customer": "c"}


@pytest.mark.parametrize("order", list(permutations(CHAIN)))
def test_the_last_link_of_a_chain_finds_its_owner_in_any_order(tx: Session, order: tuple[Event, ...]) -> None:
    named: set[str] = set()
    for each in order:
        EVENTS.record(tx, [each])
        named = owners_of(tx, each)
    assert named == {"c1"}, "the event that completes the chain derives the owner"
    assert load(tx, "c1") == {"c1": {"posted", "scanned", "charged"}}


def test_an_event_without_an_owner_stays_in_the_set(tx: Session) -> None:
    EVENTS.record(tx, CHAIN[1:])
    assert owners_of(tx, *CHAIN[1:]) == set()
    assert EVENTS.owner_page(tx, "customer", "", 10) == []


def test_owners_do_not_get_events_of_other_owners(tx: Session) -> None:
    others = [event("posted2", customer="c2", parcel="p2"), event("charged2", parcel="p2")]
    EVENTS.record(tx, [*CHAIN, *others, event("alone", customer="c3")])
    assert owners_of(tx, others[1]) == {"c2"}
    assert load(tx, "c1", "c2", "c3", "c4") == {
        "c1": {"posted", "scanned", "charged"},
        "c2": {"posted2", "charged2"},
        "c3": {"alone"},
        "c4": set(),
    }


def test_events_are_not_found_through_the_owner_alone(tx: Session) -> None:
    # Two parcels of one customer: a charge of the first does not load events of the second alone.
    EVENTS.record(tx, [*CHAIN, event("posted2", customer="c1", parcel="p2"), event("scan2", parcel="p2")])
    assert load(tx, "c1") == {"c1": {"posted", "scanned", "charged", "posted2", "scan2"}}
    assert owners_of(tx, event("x", parcel="p2")) == {"c1"}


def test_a_component_with_two_owners_belongs_to_both(tx: Session) -> None:
    both = [event("a", customer="c1", parcel="p"), event("b", customer="c2", parcel="p", label="l")]
    EVENTS.record(tx, [*both, event("c", label="l"), event("d", customer="c2", parcel="other")])
    for each in (*both, event("c", label="l")):
        assert owners_of(tx, each) == {"c1", "c2"}
    assert load(tx, "c1") == {"c1": {"a", "b", "c"}}
    assert load(tx, "c2") == {"c2": {"a", "b", "c", "d"}}
    assert load(tx, "c1", "c2") == {"c1": {"a", "b", "c"}, "c2": {"a", "b", "c", "d"}}


def test_owners_of_and_load_agree_on_any_set(tx: Session) -> None:
    # For each event that load() gives to an owner, owners_of() must return that owner, or a change is missed.
    chance = random.Random(7)
    events = []
    for i in range(120):
        links = {}
        if chance.random() < 0.3:
            links["customer"] = f"c{chance.randrange(12)}"
        if chance.random() < 0.7:
            links["parcel"] = f"p{chance.randrange(40)}"
        if chance.random() < 0.5:
            links["label"] = f"l{chance.randrange(60)}"
        events.append(event(f"e{i:03}", **links))
    EVENTS.record(tx, events)
    every = EVENTS.owner_page(tx, "customer", "", 100)
    assert len(every) == 12
    together = load(tx, *every)
    for owner in every:
        assert load(tx, owner) == {owner: together[owner]}, (
            "an owner has the same events whether it is loaded alone or with others"
        )
    for each in events:
        assert owners_of(tx, each) == {owner for owner in every if each.id in together[owner]}


def test_a_page_continues_after_the_last_owner(tx: Session) -> None:
    EVENTS.record(tx, [event(f"e{i}", customer=f"c{i % 5}") for i in range(20)])
    first = EVENTS.owner_page(tx, "customer", "", 3)
    assert (first, EVENTS.owner_page(tx, "customer", first[-1], 3)) == (["c0", "c1", "c2"], ["c3", "c4"])


def test_links_that_never_close_are_refused_after_a_bounded_number_of_rounds(tx: Session) -> None:
    length = MAX_ROUNDS + 4
    links = [{"parcel": f"x{i // 2 + i % 2}", "label": f"y{i // 2}"} for i in range(2 * length)]
    EVENTS.record(tx, [event(f"e{i:03}", **link) for i, link in enumerate(links)])
    EVENTS.record(tx, [event("first", customer="c", parcel="x0")])
    with pytest.raises(ComponentTooLarge):
        load(tx, "c")
    with pytest.raises(ComponentTooLarge):
        owners_of(tx, event("first", customer="c", parcel="x0"))


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Event("e", "a\x00b", 0, {}), psycopg.DataError),
        (Event("e", "t", 0, facts={"text": "a\x00b"}), psycopg.DataError),
        (Event("e", "t", 2**63, {}), psycopg.DataError),
        (Event("e", "t", 0, {}, rank=40_000), psycopg.DataError),
        (
            Event("e", "t", 0, {}, links={"parcel": random.Random(1).randbytes(9000).hex()}),
            errors.ProgramLimitExceeded,
        ),
    ],
    ids=["NUL in a text", "NUL in the facts", "created", "rank", "a link too large for an index"],
)
def test_values_that_postgres_cannot_store_are_refused_and_nothing_is_recorded(
    tx: Session, bad: Event, error: type[Exception]
) -> None:
    with pytest.raises(error), tx.transaction():
        EVENTS.record(tx, [*CHAIN, bad])
    assert tx.execute("select count(*) from events").fetchone() == (0,)


def test_every_link_lookup_uses_its_index(tx: Session) -> None:
    EVENTS.record(tx, [event(f"e{i:05}", customer=f"c{i}", parcel=f"p{i}") for i in range(2000)])
    for name in ("customer", "parcel", "label"):
        plan = tx.execute(f"explain select * from events where {name} = any(array['c1', 'p1'])").fetchall()
        assert f"events_{name}" in str(plan)


@pytest.mark.parametrize("across", [None, ("parcel",), ("parcel", "label"), ()], ids=str)
def test_owners_of_returns_every_owner_of_an_event(tx: Session, across: tuple[str, ...] | None) -> None:
    links = ("customer", "parcel", "label")
    events = EventSet(links) if across is None else EventSet(links, owner="customer", across=across)
    for seed in range(60):
        rng = random.Random(seed)
        made = []
        for number in range(12):
            named = {name: f"{name}{rng.randrange(5)}" for name in FOLLOW if rng.random() < 0.6}
            if rng.random() < 0.4:
                named["customer"] = f"c{rng.randrange(3)}"
            made.append(event(f"e{number}", **named))
        tx.execute("delete from events")
        events.record(tx, made)
        everybody = ["c0", "c1", "c2"]
        loaded = events.load(tx, everybody, owner="customer", follow=FOLLOW)
        for each in made:
            belongs_to = {name for name, found in loaded.items() if each.id in {e.id for e in found}}
            touched = events.owners_of(tx, [each], owner="customer", follow=FOLLOW)
            assert belongs_to <= touched, (seed, each)
        for name in everybody:
            alone = events.load(tx, [name], owner="customer", follow=FOLLOW)
            assert {e.id for e in alone[name]} == {e.id for e in loaded[name]}, (seed, name)
