"""Events become ledger rows in a real Postgres, for any order, repetition and concurrency of arrival."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg.types.json import Jsonb
from reporting_order_events import OrderEvents
from reporting_service import Service

from processkit.postgres import migrations

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def test_a_purchase_and_its_refund_are_stored_as_rows(service: Service, order: OrderEvents) -> None:
    order.placed(2000, (1500, 500))
    order.payment_succeeded(3000)
    order.session(3000)
    order.refund(600)
    service.consume(order.events)

    assert service.lines() == [
        ("ord_1", "line_1", "refund", "eur", 0, 0, 400),
        ("ord_1", "line_1", "sale", "eur", 2000, 0, 0),
        ("ord_1", "line_2", "refund", "eur", 0, 0, 200),
        ("ord_1", "line_2", "sale", "eur", 1500, 500, 0),
    ]
    assert service.unattributed() == []


def test_new_columns_of_the_view_come_last(service: Service, order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2380, before_tax=2000)
    order.refund(1190)
    service.consume(order.events)

    rows = service.rows("select * from sales_lines order by kind")

    assert [(row["kind"], row["net"], row["tax"]) for row in rows] == [
        ("refund", -1000, -190), ("sale", 2000, 380)
    ]  # fmt: skip
    assert list(rows[0])[-3:] == ["tax", "disputed", "fee"]


def test_a_database_of_the_first_release_keeps_its_rows_and_the_analysts_their_view(
    make_database: Callable[..., str],
) -> None:
    dsn = make_database()
    migrations.upgrade(dsn, MIGRATIONS, revision="0001")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into money_lines (order_id, line_id, kind, reference, step, occurred_at, currency,"
            " orders, units, gross, discount, refunded, user_id, payment_id) values"
            " ('ord_1', 'line_1', 'sale', 'cs_1', 0, now(), 'eur', 1, 1, 2000, 500, 0, 'user_1', 'pi_1')"
        )
    migrations.upgrade(dsn, MIGRATIONS)

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set role reporting_analyst")
        assert connection.execute("select net, tax from sales_lines").fetchall() == [(1500, 0)]


def test_a_session_and_a_refund_that_name_no_order_are_booked_on_the_order_that_names_the_session(
    service: Service, new_order: Callable[..., OrderEvents]
) -> None:
    for number, arrival in enumerate(permutations(range(4))):
        order = new_order(f"ord_{number}", f"pi_{number}")
        placed, charge = order.placed(2000), order.payment_succeeded(2000, ours=False)
        session, refund = order.session(2000), order.refund(2000)
        cs, ch, pi = f"cs_{number}", f"ch_{number}", f"pi_{number}"
        events = [
            replace(placed, links={"money_key": order.order_id, "session_id": cs}),
            charge,
            replace(
                session,
                facts=replace(session.facts, order_id=None, session_id=cs),
                links={"money_key": pi, "payment_intent_id": pi, "session_id": cs},
            ),
            replace(
                refund,
                facts=replace(refund.facts, payment_id=ch, refund_id=f"re_{number}"),
                links={"money_key": ch, "charge_id": ch},
            ),
        ]
        for place in arrival:
            service.consume([events[place]])

        assert service.lines(order.order_id) == [
            (order.order_id, "line_1", "refund", "eur", 0, 0, 2000),
            (order.order_id, "line_1", "sale", "eur", 2000, 0, 0),
        ]
    assert service.unattributed() == []


def test_money_of_an_order_that_is_not_ours_is_foreign_after_the_migration(
    make_database: Callable[..., str],
) -> None:
    dsn = make_database()
    migrations.upgrade(dsn, MIGRATIONS, revision="0002")
    insert = (
        "insert into events (event_id, type, created, rank, money_key, payment_intent_id, facts)"
        " values (%s, %s, 0, 0, %s, %s, %s)"
    )
    paid = {"amount": 2000, "currency": "eur"}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for name, order_id in (("1", "10017"), ("2", "ord_2"), ("3", None), ("4", "ours")):
            facts = {"order_id": order_id, "payment_id": f"pi_{name}", **paid}
            connection.execute(
                insert,
                (
                    f"evt_{name}",
                    "payment_intent.succeeded",
                    order_id or f"pi_{name}",
                    f"pi_{name}",
                    Jsonb(facts),
                ),
            )
        connection.execute(insert, ("placed", "masterji.order.placed.v1", "ours", None, Jsonb({})))
        connection.execute("insert into owners (owner_id) values ('10017')")
    migrations.upgrade(dsn, MIGRATIONS)

    with psycopg.connect(dsn, autocommit=True) as connection:
        stored = connection.execute(
            "select money_key, facts ->> 'order_id' from events where facts <> '{}' order by event_id"
        ).fetchall()
        due = connection.execute("select owner_id from owners where next_change_at <= now()").fetchall()
    assert stored == [("pi_1", None), ("ord_2", "ord_2"), ("pi_3", None), ("ours", "ours")]
    assert sorted(due) == [("10017",), ("pi_1",)]


def test_a_payment_without_an_order_becomes_a_sale_when_its_order_is_known(
    service: Service, order: OrderEvents
) -> None:
    paid = order.payment_succeeded(2000, ours=False)
    service.consume([paid])
    assert service.unattributed() == [("pi_1", "foreign", 2000, 0)]

    service.consume([order.session(2000)])
    assert service.unattributed() == [("pi_1", "order_unknown", 2000, 0)]

    service.consume([order.placed(2000)])
    assert service.unattributed() == []
    assert service.lines() == [("ord_1", "line_1", "sale", "eur", 2000, 0, 0)]


def test_two_consumers_that_each_recorded_one_event_write_all_rows(
    service: Service, order: OrderEvents
) -> None:
    order.placed(2000)
    service.consume(order.events)
    session, refund = order.session(2000), order.refund(2000)
    service.record([session])
    service.record([refund])
    service.derive([refund])
    service.derive([session])

    assert [line[2] for line in service.lines()] == ["refund", "sale"]


def test_a_redelivery_changes_no_row(service: Service, order: OrderEvents) -> None:
    order.placed(2000)
    order.session(2000)
    order.refund(2000)
    service.consume(order.events)
    before = service.rows("select xmin::text, * from money_lines order by 2, 3, 4")

    for event in order.events:
        service.consume([event])

    assert service.rows("select xmin::text, * from money_lines order by 2, 3, 4") == before


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_any_order_duplication_and_batching_of_events_gives_the_same_rows(
    service: Service, new_order: Callable[..., OrderEvents], data: st.DataObject
) -> None:
    order = random_order(data, new_order)
    owners = {event.links["money_key"] for event in order.events}
    clear_tables(service)
    service.consume(order.events)
    expected = (service.lines(), service.unattributed())
    clear_tables(service)

    again = data.draw(st.lists(st.sampled_from(order.events), max_size=4))
    arriving = data.draw(st.permutations(order.events + again))
    while arriving:
        size = data.draw(st.integers(1, len(arriving)))
        service.consume(arriving[:size])
        arriving = arriving[size:]

    assert (service.lines(), service.unattributed()) == expected
    with service.database.transaction() as tx:
        service.derivation.derive_owners(tx, owners, announce=False)
    assert (service.lines(), service.unattributed()) == expected


def clear_tables(service: Service) -> None:
    with service.database.transaction() as tx:
        tx.execute("truncate events, owners, money_lines, unattributed_payments")


def random_order(data: st.DataObject, new_order: Callable[..., OrderEvents]) -> Any:
    """An order whose events may be missing, repeated or in disagreement."""
    order = new_order()
    prices = data.draw(st.lists(st.integers(1, 5000), min_size=1, max_size=3))
    total = sum(prices)
    asked = data.draw(st.sampled_from([total, total, total, total + 1]))
    tax = data.draw(st.sampled_from([0, 0, total // 5]))
    asked += tax
    if data.draw(st.booleans()):
        order.payment_succeeded(asked, at=1, ours=data.draw(st.booleans()))
    if data.draw(st.integers(0, 4)):
        order.placed(*prices, at=0)
    if data.draw(st.booleans()):
        order.session(asked, at=1, status="unpaid", before_tax=asked - tax)
        order.session(asked, at=9, late=True, before_tax=asked - tax)
    elif data.draw(st.booleans()):
        order.session(asked, at=1, before_tax=asked - tax)
    if data.draw(st.booleans()):
        order.session(asked, at=12, payment="pi_2", before_tax=asked - tax)
    for number in range(data.draw(st.integers(0, 2))):
        amount = data.draw(st.integers(1, total))
        order.refund(amount, refund=f"re_{number}", status="pending", at=20 + number)
        end = data.draw(st.sampled_from(["succeeded", "failed", "canceled"]))
        order.refund(amount, refund=f"re_{number}", status=end, before="pending", at=30 + number)
        if end == "succeeded" and data.draw(st.booleans()):
            order.refund(amount, refund=f"re_{number}", status="failed", before="succeeded", at=40)
    if not order.events:
        order.placed(*prices)
    return order


def test_a_rebuild_changes_no_row_and_restores_deleted_rows(
    service: Service, new_order: Callable[..., OrderEvents]
) -> None:
    for number in range(5):
        order = new_order(f"ord_{number}", f"pi_{number}")
        order.placed(2000, 1000)
        order.session(3000)
        order.refund(500)
        service.consume(order.events)
    foreign = new_order("other", "pi_foreign")
    service.consume([foreign.payment_succeeded(100, ours=False)])
    query = "select xmin::text, * from money_lines order by order_id, line_id, kind"
    before, ledger = service.rows(query), (service.lines(), service.unattributed())

    service.derivation.rebuild(service.dsn)
    assert service.rows(query) == before

    with service.database.transaction() as tx:
        tx.execute("truncate money_lines, unattributed_payments")
    service.derivation.rebuild(service.dsn)
    assert (service.lines(), service.unattributed()) == ledger


def test_progress_is_the_newest_event_time_and_never_decreases(service: Service, order: OrderEvents) -> None:
    old, new = order.placed(2000, at=0), order.session(2000, at=5)
    service.consume([new])
    service.consume([old])

    [row] = service.rows("select max(as_of) as as_of from progress")
    assert row["as_of"].minute == 5


class TestAnalystsRole:
    def test_it_may_read_the_views_only(self, service: Service, order: OrderEvents) -> None:
        order.placed(2000)
        order.session(2000)
        service.consume(order.events)

        with psycopg.connect(service.dsn, autocommit=True) as connection:
            connection.execute("set role reporting_analyst")
            sold = connection.execute("select sum(net) from sales_lines where currency = 'eur'").fetchone()
            assert sold == (2000,)
            connection.execute("select * from payments_unattributed")
            for forbidden in (
                "select * from money_lines",
                "select * from events",
                "delete from sales_lines",
                "update sales_lines set gross = 0",
                "create table mine ()",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden)
