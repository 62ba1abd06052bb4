"""Facts in Postgres: stored as JSON, loaded as structs; undecodable facts fail only their owners."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest
from messaging_parcels import LINKS, Total, as_event, derivation, message, utc_now, writer
from structlog.testing import capture_logs

from messaging.errors import UndecodableFacts
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from messaging.eventset.event_set import EventSet
from messaging.eventset.facts import Facts, FactsOf
from processkit.postgres.database import Database, Session


class Price(Facts):
    amount: int
    remark: str | None = None


EVENTS = EventSet(LINKS, facts=FactsOf({"priced.v1": Price}.__getitem__))
FOLLOW = ("parcel", "label")


def price(name: str, amount: int, remark: str | None = None, **links: str) -> Event[Price]:
    return Event(name, "priced.v1", 0, links=links, facts=Price(amount, remark))


def compute(customer: str, events: Sequence[Event[Price]], now: datetime) -> Derived[Total]:
    return Derived(Total(len(events), sum(event.facts.amount for event in events), ""))


@pytest.fixture
def database(parcels_dsn: str) -> Iterator[Database]:
    opened = Database(parcels_dsn, "tests")
    yield opened
    opened.close()


@pytest.fixture
def tx(database: Database) -> Session:
    return database.connection()


@pytest.fixture
def typed() -> Derivation[Total]:
    return Derivation(
        EVENTS, owner="customer", follow=FOLLOW, compute=compute, write=writer("t"), clock=utc_now
    )


def spoil(tx: Session, event_id: str, facts: str = '{"amount": "much"}') -> None:
    tx.execute("update events set facts = %s::jsonb where event_id = %s", (facts, event_id))


def totals(tx: Session) -> dict[str, int]:
    return dict(tx.execute("select customer, amount from totals").fetchall())


def failures(tx: Session) -> dict[str, str]:
    return dict(tx.execute("select owner_id, failure from owners where needs_derivation").fetchall())


def test_events_are_loaded_with_the_struct_that_was_recorded(tx: Session) -> None:
    sent = [price("e1", 3, customer="c"), price("e2", 4, "é \\ \"'", customer="c", parcel="p")]
    EVENTS.record(tx, sent)
    loaded = EVENTS.load(tx, ["c"], owner="customer", follow=FOLLOW)["c"]
    assert sorted(loaded, key=lambda event: event.id) == sent


def test_facts_that_were_stored_as_plain_json_are_loaded_as_structs(tx: Session) -> None:
    plain = as_event(message("t", "e1", {"customer": "c"}, type="priced.v1", amount=7, colour="red"))
    derivation().record(tx, [plain])
    (loaded,) = EVENTS.load(tx, ["c"], owner="customer", follow=FOLLOW)["c"]
    assert loaded.facts == Price(7)


def test_undecodable_facts_fail_their_owner_and_the_others_are_derived(
    database: Database, tx: Session, typed: Derivation[Total]
) -> None:
    events = [price(f"e{n}", n, customer=f"c{n}", parcel=f"p{n}") for n in range(1, 4)]
    typed.record(tx, events)
    typed.derive(tx, events)
    typed.record(tx, later := [price(f"more{n}", 10, parcel=f"p{n}") for n in range(1, 4)])
    spoil(tx, "more2")
    with capture_logs() as logs, database.transaction() as inside:
        typed.derive(inside, later)
    assert totals(tx) == {"c1": 11, "c2": 2, "c3": 13}, "the owner keeps its last state"
    ((owner, failure),) = failures(tx).items()
    assert owner == "c2"
    assert "more2 (priced.v1)" in failure
    assert "Expected `int`, got `str` - at `$.amount`" in failure
    assert any(entry["log_level"] == "error" for entry in logs)


def test_an_event_type_without_a_struct_fails_its_owner(tx: Session, typed: Derivation[Total]) -> None:
    events = [price("e1", 1, customer="c1"), Event("e2", "unknown.v1", 0, Price(1), links={"customer": "c2"})]
    typed.record(tx, events)
    typed.derive(tx, events)
    assert totals(tx) == {"c1": 1}
    assert failures(tx).keys() == {"c2"}


def test_an_owner_with_undecodable_facts_is_derived_again_once_they_decode(
    tx: Session, typed: Derivation[Total]
) -> None:
    event = price("e1", 5, customer="c")
    typed.record(tx, [event])
    spoil(tx, "e1")
    typed.derive(tx, [event])
    assert (totals(tx), list(failures(tx))) == ({}, ["c"])
    spoil(tx, "e1", '{"amount": 5}')
    typed.derive_owners(tx, ["c"])
    assert (totals(tx), failures(tx)) == ({"c": 5}, {})


def test_loading_an_owner_with_undecodable_facts_raises_with_the_events_of_the_others(tx: Session) -> None:
    EVENTS.record(tx, [price("e1", 1, customer="c1"), good := price("e2", 2, customer="c2")])
    spoil(tx, "e1")
    with pytest.raises(UndecodableFacts, match="c1: the facts of e1") as caught:
        EVENTS.load(tx, ["c1", "c2"], owner="customer", follow=FOLLOW)
    assert caught.value.reasons.keys() == {"c1"}
    assert caught.value.others == {"c2": [good]}


def test_undecodable_facts_do_not_fail_an_owner_that_they_do_not_belong_to(tx: Session) -> None:
    # `across` is empty: the event of c2 shares a parcel with c1 but does not belong to it.
    events = EventSet(LINKS, facts=FactsOf({"priced.v1": Price}.__getitem__), owner="customer")
    mine, other = price("mine", 1, customer="c1", parcel="p"), price("other", 2, customer="c2", parcel="p")
    events.record(tx, [mine, other])
    spoil(tx, "other")
    assert events.load(tx, ["c1"], owner="customer", follow=FOLLOW) == {"c1": [mine]}
