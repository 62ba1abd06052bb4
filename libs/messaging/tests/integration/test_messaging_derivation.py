"""State as a function of the set: derived under the owner's lock, with the same result every time."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from messaging_effects import expected, until
from messaging_parcels import EVENTS, as_event, chains, compute, derivation, message
from messaging_workers import Service
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from messaging import metrics
from messaging.eventset.clock import ClockWorker
from messaging.eventset.derivation import Derivation, Derived
from messaging.eventset.event import Event
from processkit.health import Health
from processkit.postgres.database import Database

MESSAGES = chains("t", 4)
MANY = [as_event(each) for each in MESSAGES]


@dataclass
class HandClock:
    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A derivation with its database and a clock that the test sets."""

    dsn: str
    database: Database
    clock: HandClock
    derivation: Derivation[Any]

    def apply(self, events: Sequence[Event]) -> None:
        with self.database.transaction() as tx:
            self.derivation.record(tx, events)
        with self.database.transaction() as tx:
            self.derivation.derive(tx, events)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.database.connection().execute(query).fetchall()  # type: ignore[arg-type]

    def totals(self) -> dict[str, tuple[int, int, str]]:
        return {
            row[0]: tuple(row[1:]) for row in self.rows("select customer, number, amount, digest from totals")
        }  # type: ignore[misc]

    def failing(self) -> dict[str, tuple[str, int]]:
        query = "select owner_id, failure, attempts from owners where needs_derivation"
        return {row[0]: (row[1], row[2]) for row in self.rows(query)}

    def clock_worker(self) -> ClockWorker:
        return ClockWorker(self.derivation, self.dsn, Health())


@pytest.fixture
def make_desk(parcels_dsn: str) -> Iterator[Callable[..., Desk]]:
    databases = []

    def make(rules: Callable[..., Derived[Any]] = compute) -> Desk:
        database, clock = Database(parcels_dsn, "tests"), HandClock()
        databases.append(database)
        return Desk(parcels_dsn, database, clock, derivation("announcements", clock, rules))

    yield make
    for database in databases:
        database.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


def one(name: str = "e1", customer: str = "c", **facts: Any) -> Event:
    return as_event(message("t", name, {"customer": customer}, **facts))


splits = st.lists(st.sampled_from(MANY), max_size=20).flatmap(
    lambda repeated: st.permutations([*MANY, *repeated]).flatmap(
        lambda order: st.lists(st.integers(1, 7), min_size=len(order), max_size=len(order)).map(
            lambda sizes: (order, sizes)
        )
    )
)


@given(splits)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_permutation_duplication_and_split_ends_in_the_same_state(
    desk: Desk, split: tuple[list[Event], list[int]]
) -> None:
    order, sizes = split
    desk.rows("delete from events returning 1")
    desk.rows("delete from totals returning 1")
    place = 0
    for size in sizes:
        desk.apply(order[place : place + size])
        place += size
    assert desk.totals() == expected(MANY)


def test_an_event_without_an_owner_derives_no_owner(desk: Desk) -> None:
    desk.apply([event for event in MANY if "customer" not in event.links])
    assert desk.totals() == {} and desk.rows("select * from owners") == []


def test_only_a_difference_is_announced(desk: Desk) -> None:
    desk.apply(MANY)
    assert desk.rows("select count(*) from outbox") == [(4,)]
    desk.apply(MANY)
    assert desk.rows("select count(*) from outbox") == [(4,)]


def test_rules_that_raise_mark_only_their_owner(desk: Desk) -> None:
    desk.apply([one("bad", "c-bad", compute_fails=True), one("good", "c-good")])
    assert set(desk.totals()) == {"c-good"}
    assert desk.failing() == {"c-bad": ("ValueError: the rules cannot make sense of c-bad", 1)}


def test_a_failing_owner_keeps_its_last_state(desk: Desk) -> None:
    desk.apply([one("e1")])
    before = desk.totals()
    desk.apply([one("e2", compute_fails=True)])
    assert desk.totals() == before and "c" in desk.failing()
    assert desk.rows("select count(*) from events") == [(2,)], "its events are kept"


def test_a_next_change_in_the_past_counts_as_a_failure(make_desk: Callable[..., Desk]) -> None:
    # Otherwise the owner would be due again at once, endlessly, and delay others.
    def rules(customer: str, events: Sequence[Event], now: datetime) -> Derived[Any]:
        return Derived(compute(customer, events, now).state, now)

    desk = make_desk(rules)
    desk.apply([one()])
    assert "is not after now" in desk.failing()["c"][0]


class BreakableRules:
    """The rules of the parcels, which fail while they are broken."""

    def __init__(self, reason: str) -> None:
        self.broken = True
        self._reason = reason

    def __call__(self, customer: str, events: Sequence[Event], now: datetime) -> Derived[Any]:
        if self.broken:
            raise ValueError(self._reason)
        return compute(customer, events, now)


def test_the_clock_retries_failed_owners_at_growing_intervals(make_desk: Callable[..., Desk]) -> None:
    rules = BreakableRules("a defect with a NUL \x00 in it")
    desk = make_desk(rules)
    desk.apply([one()])
    worker = desk.clock_worker()
    tried = []
    for second in range(16):
        if worker.once():
            tried.append(second)
        desk.clock.now += timedelta(seconds=1)
    assert tried == [2, 6, 14], "after 2, 4, 8 seconds"
    assert desk.failing()["c"][1] == 4
    rules.broken = False
    desk.clock.now += timedelta(minutes=10)
    assert worker.once() == 1
    assert desk.failing() == {} and desk.totals() == expected([one()])
    assert desk.rows("select failure, failed_at, attempts from owners") == [(None, None, 0)]


def test_a_new_event_is_derived_without_waiting_for_the_retry(make_desk: Callable[..., Desk]) -> None:
    rules = BreakableRules("defect")
    desk = make_desk(rules)
    desk.apply([one("e1")])
    rules.broken = False
    desk.apply([one("e2")])
    assert desk.failing() == {} and desk.totals() == expected([one("e1"), one("e2")])


def test_a_state_changes_at_its_time_without_a_new_event(desk: Desk) -> None:
    opens = desk.clock.now + timedelta(hours=1)
    desk.apply([one("e1"), one("e2", opens_at=opens.isoformat())])
    assert desk.rows("select next_change_at from owners") == [(opens,)]
    worker = desk.clock_worker()
    assert worker.once() == 0, "not due yet"
    desk.clock.now = opens
    assert worker.once() == 1
    assert desk.totals()["c"][0] == 2
    assert worker.once() == 0 and desk.rows("select next_change_at from owners") == [(None,)]
    assert desk.rows("select count(*) from outbox") == [(2,)], "the change was announced"


def test_an_owner_that_cannot_be_written_does_not_block_the_clock(desk: Desk) -> None:
    opens = desk.clock.now + timedelta(hours=1)
    for name in ("a", "b", "c"):
        desk.apply([one(f"e-{name}", name, opens_at=opens.isoformat())])
    with desk.database.transaction() as tx:
        desk.derivation.record(tx, [one("e-bad", "b", write_fails=True)])
    desk.clock.now = opens
    assert desk.clock_worker().once() == 3
    assert {name: total[0] for name, total in desk.totals().items()} == {"a": 1, "b": 0, "c": 1}
    assert desk.failing()["b"][0].startswith("CheckViolation")


def test_two_clocks_share_the_work_without_waiting_for_each_other(
    desk: Desk, make_desk: Callable[..., Desk]
) -> None:
    opens = desk.clock.now + timedelta(hours=1)
    desk.apply([one(f"e{i}", f"c{i}", opens_at=opens.isoformat()) for i in range(3)])
    desk.clock.now = opens
    other = make_desk()
    other.clock.now = opens
    with desk.database.transaction() as tx:
        held = desk.derivation.due(tx, 2)
        assert len(held) == 2
        assert other.clock_worker().once() == 1
    assert {name for name, total in desk.totals().items() if total[0] == 1} == {"c0", "c1", "c2"} - set(held)


def test_the_clock_works_until_stopped_and_survives_a_lost_connection(desk: Desk, service: Service) -> None:
    opens = desk.clock.now + timedelta(hours=1)
    desk.apply([one("e", opens_at=opens.isoformat())])
    health = Health()
    worker = ClockWorker(desk.derivation, desk.dsn, health, interval_seconds=0.05)
    service.start(worker.run, health)
    until(lambda: health.ready()[0])
    query = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clock'"
    assert desk.rows(f"{query} and datname = current_database()") == [(True,)]
    desk.clock.now = opens
    until(lambda: desk.totals()["c"][0] == 1)
    until(lambda: health.ready()[0])


def test_a_rebuild_changes_nothing_and_announces_nothing(desk: Desk) -> None:
    desk.apply(MANY)
    everything = "select * from totals order by customer"
    before, said = desk.rows(everything), desk.rows("select count(*) from outbox")
    desk.clock.now += timedelta(days=1)
    seconds = iter([0.0, 4.0, 11.0])
    with capture_logs() as lines:
        assert desk.derivation.rebuild(desk.dsn, chunk=3, monotonic=lambda: next(seconds)) == 4
    assert [(line["done"], line["owner"]) for line in lines if line["event"] == "rebuilding"] == [
        (4, "customer")
    ]
    assert desk.rows(everything) == before
    assert desk.rows("select count(*) from outbox") == said


def test_a_rebuild_restores_lost_rows_and_announces_only_on_request(desk: Desk) -> None:
    desk.apply(MANY)
    for announce, rows in ((False, 4), (True, 8)):
        desk.rows("delete from totals returning 1")
        desk.rows("delete from owners returning 1")
        desk.derivation.rebuild(desk.dsn, announce=announce)
        assert desk.totals() == expected(MANY)
        assert desk.rows("select count(*) from outbox") == [(rows,)]


def test_a_rebuild_continues_past_an_owner_that_cannot_be_written(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        desk.derivation.record(tx, [*MANY, one("e-bad", "b", write_fails=True)])
    assert desk.derivation.rebuild(desk.dsn, chunk=2) == 5
    assert desk.totals() == expected(MANY)
    assert set(desk.failing()) == {"b"}


def test_a_stricter_default_isolation_of_the_database_has_no_effect(desk: Desk) -> None:
    # Under REPEATABLE READ the statements after the lock would read the set from before the lock.
    desk.rows("select set_config('x.y', '1', false)")
    name = desk.rows("select current_database()")[0][0]
    desk.database.connection().execute(
        f"alter database {name} set default_transaction_isolation = serializable"
    )
    desk.database.close()
    with desk.database.transaction() as tx:
        assert tx.execute("show transaction_isolation").fetchone() == ("read committed",)


def test_the_tables_have_the_documented_columns(desk: Desk) -> None:
    query = (
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_name = '{}' order by ordinal_position"
    )
    assert desk.rows(query.format("events")) == [
        ("event_id", "text", "NO"),
        ("type", "text", "NO"),
        ("created", "bigint", "NO"),
        ("rank", "smallint", "NO"),
        ("object_id", "text", "YES"),
        ("status", "text", "YES"),
        ("previous_status", "text", "YES"),
        ("customer", "text", "YES"),
        ("parcel", "text", "YES"),
        ("label", "text", "YES"),
        ("facts", "jsonb", "NO"),
        ("recorded_at", "timestamp with time zone", "NO"),
    ]
    assert [row[0] for row in desk.rows(query.format("owners"))] == [
        "owner_id",
        "next_change_at",
        "needs_derivation",
        "failure",
        "failed_at",
        "attempts",
    ]
    partial = "select indexname from pg_indexes where tablename = 'events' and indexdef like '%IS NOT NULL%'"
    assert {row[0] for row in desk.rows(partial)} == {"events_customer", "events_parcel", "events_label"}
    assert EVENTS.table == "events"


def test_the_clock_exports_the_size_of_its_database(desk: Desk) -> None:
    desk.apply(MANY)
    metrics.DATABASE_BYTES.set(0)
    worker, stop = desk.clock_worker(), threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    until(lambda: (REGISTRY.get_sample_value("messaging_database_bytes") or 0) > 0)
    stop.set()
    thread.join(10)
    ((size,),) = desk.rows("select pg_database_size(current_database())")
    assert REGISTRY.get_sample_value("messaging_database_bytes") == pytest.approx(size, rel=0.1)
