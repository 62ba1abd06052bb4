"""A session outside the service that keeps rows locked delays only the owners of these rows."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest
from messaging_effects import expected
from messaging_parcels import as_event, derivation, message
from prometheus_client import REGISTRY
from psycopg.errors import LockNotAvailable

from messaging.eventset import derivation as derivations
from messaging.eventset.clock import ClockWorker
from messaging.eventset.derivation import Derivation
from messaging.eventset.event import Event
from processkit.health import Health
from processkit.postgres.database import Database

ANCHOR = "select from owners where owner_id = any(%s) for update"
STATE = "select from totals where customer = any(%s) for update"


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivations, "WAIT", "set local lock_timeout = '300ms'")


@pytest.fixture
def parcels(parcels_dsn: str) -> Derivation[Any]:
    return derivation()


@pytest.fixture
def database(parcels_dsn: str) -> Iterator[Database]:
    found = Database(parcels_dsn, "tests", statement_timeout_seconds=20)
    yield found
    found.close()


@pytest.fixture
def clock(parcels: Derivation[Any], parcels_dsn: str) -> ClockWorker:
    return ClockWorker(parcels, parcels_dsn, Health())


def of(customer: str, name: str) -> Event:
    return as_event(message("t", f"{customer}-{name}", {"customer": customer}))


def apply(database: Database, parcels: Derivation[Any], events: Sequence[Event]) -> float:
    """Record and derive as a consumer does; return how long it took."""
    started = time.monotonic()
    with database.transaction() as tx:
        parcels.record(tx, events)
    with database.transaction() as tx:
        parcels.derive(tx, events)
    return time.monotonic() - started


def totals(database: Database) -> dict[str, tuple[int, int, str]]:
    rows = database.connection().execute("select customer, number, amount, digest from totals").fetchall()
    return {row[0]: row[1:] for row in rows}


def postponed(database: Database) -> set[str]:
    rows = database.connection().execute("select owner_id from postponed_owners").fetchall()
    return {row[0] for row in rows}


@contextmanager
def locked(dsn: str, query: LiteralString, owners: Sequence[str]) -> Iterator[None]:
    """A foreign session that keeps these rows locked."""
    with psycopg.connect(dsn) as other:
        other.execute(query, (list(owners),))
        yield


@pytest.mark.parametrize("query", [ANCHOR, STATE], ids=["the anchor", "the state"])
def test_a_lock_of_a_foreign_session_delays_only_its_owner(
    query: str, database: Database, parcels: Derivation[Any], clock: ClockWorker, parcels_dsn: str
) -> None:
    names = [f"c{number:02}" for number in range(40)]
    first, second, third = ([of(name, part) for name in names] for part in ("first", "second", "third"))
    apply(database, parcels, first)
    with locked(parcels_dsn, query, ["c07"]):
        assert apply(database, parcels, second) < 5
        assert postponed(database) == {"c07"}
        others = {name: total for name, total in expected([*first, *second]).items() if name != "c07"}
        assert {name: total for name, total in totals(database).items() if name != "c07"} == others
        assert totals(database)["c07"] == expected(first)["c07"]

        # later batches do not wait for this owner at all, even if all their events are its
        assert apply(database, parcels, third[7:8]) < 0.25

        clock.once()
        assert postponed(database) == {"c07"}
        assert REGISTRY.get_sample_value("messaging_postponed", {"owner": "customer"}) == 1
    clock.once()
    assert postponed(database) == set()
    assert REGISTRY.get_sample_value("messaging_postponed", {"owner": "customer"}) == 0
    assert totals(database)["c07"] == expected([first[7], second[7], third[7]])["c07"]


def test_an_event_that_arrives_while_the_clock_derives_its_owner_is_not_missed(
    database: Database, parcels: Derivation[Any], clock: ClockWorker, parcels_dsn: str
) -> None:
    early, late = of("c", "early"), of("c", "late")
    with database.transaction() as tx:
        parcels.record(tx, [early])
        parcels.postponed.add(tx, ["c"])
    consumer = Database(parcels_dsn, "consumer")
    with database.transaction() as tx:
        parcels.derive_postponed(tx, ["c"])
        # the clock has read the events, and has not committed yet
        apply(consumer, parcels, [late])
    consumer.close()
    assert postponed(database) == {"c"}
    clock.once()
    assert postponed(database) == set() and totals(database) == expected([early, late])


def test_many_locked_owners_let_the_consumer_wait_as_for_an_unavailable_database(
    database: Database, parcels: Derivation[Any], parcels_dsn: str
) -> None:
    names = [f"c{number:02}" for number in range(30)]
    events = [of(name, "first") for name in names]
    apply(database, parcels, events)
    with locked(parcels_dsn, ANCHOR, names), pytest.raises(LockNotAvailable):
        apply(database, parcels, [of(name, "second") for name in names])
    assert postponed(database) == set()


def test_an_owner_that_can_be_neither_written_nor_marked_is_postponed(
    database: Database, parcels: Derivation[Any], clock: ClockWorker, parcels_dsn: str
) -> None:
    events = [of("c", "first")]
    apply(database, parcels, events)
    with locked(parcels_dsn, ANCHOR, ["c"]), database.transaction() as tx:
        parcels.derive_failed(tx, events, ValueError("a defect"))
    assert postponed(database) == {"c"}
    clock.once()
    assert postponed(database) == set() and totals(database) == expected(events)


def test_a_postponed_owner_is_not_due(
    database: Database, parcels: Derivation[Any], make_due: Callable[[str], None]
) -> None:
    apply(database, parcels, [of("c", "first")])
    make_due("c")
    with database.transaction() as tx:
        assert parcels.due(tx, 10) == ["c"]
        parcels.postponed.add(tx, ["c"])
    with database.transaction() as tx:
        assert parcels.due(tx, 10) == []


@pytest.fixture
def make_due(database: Database) -> Callable[[str], None]:
    def make(owner: str) -> None:
        query = "update owners set next_change_at = now() - interval '1 hour' where owner_id = %s"
        database.connection().execute(query, (owner,))

    return make
