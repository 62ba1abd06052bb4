"""A database of the release before orders had several lines keeps its orders, and derives the same states."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from checkout_orders import an_order
from psycopg.rows import dict_row

from checkout import handlers
from checkout.domain.lines import Line, LineKind
from checkout.domain.order import Order
from checkout.store import orders
from devstack.testing.fixtures import MakeDatabase
from messaging.eventset.clock import ClockWorker
from processkit.clock import utc_now
from processkit.health import Health
from processkit.postgres import migrations
from processkit.postgres.engine import create_engine

SERVICE = Path(__file__).resolve().parents[2]
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = T0 + timedelta(days=30)
MISMATCH = "Session cs_mismatched settled 100 eur (mode payment); the order is over 4900 eur."

# What the release before wrote: state, times, refunded amount, days of access, and whether the line holds.
ORDERS: dict[str, dict[str, Any]] = {
    "open": {"state": "open", "holds": True},
    "processing": {"state": "processing", "holds": True, "payment_intent_id": "pi_processing"},
    "paid": {"state": "paid", "holds": True, "paid_at": T0, "payment_intent_id": "pi_paid"},
    "ended": {
        "state": "paid",
        "holds": False,
        "paid_at": T0,
        "access_days": 7,
        "payment_intent_id": "pi_ended",
    },
    "partly": {
        "state": "partially_refunded",
        "holds": True,
        "paid_at": T0,
        "payment_intent_id": "pi_partly",
        "amount_refunded": 1000,
        "refunded_at": T0 + timedelta(hours=1),
    },
    "refunded": {
        "state": "refunded",
        "holds": False,
        "paid_at": T0,
        "payment_intent_id": "pi_refunded",
        "amount_refunded": 4900,
        "refunded_at": T0 + timedelta(hours=1),
    },
    "mismatched": {"state": "processing", "holds": True, "mismatch": MISMATCH},
    "expired": {"state": "expired", "holds": False, "expired_at": T0, "closed_at": T0},
}
# Stripe's events as that release recorded them.
SESSIONS = {
    "processing": ("unpaid", 4900),
    "paid": ("paid", 4900),
    "ended": ("paid", 4900),
    "partly": ("paid", 4900),
    "refunded": ("paid", 4900),
    "mismatched": ("paid", 100),
}
REFUNDS = {"partly": 1000, "refunded": 4900}

_ORDER = """
insert into orders (order_id, user_id, email, locale, currency, amount_total, terms_version,
                    terms_accepted_at, success_url, cancel_url, session_expires_at, session_id, state,
                    mismatch, payment_intent_id, amount_refunded, created_at, paid_at, expired_at, closed_at,
                    refunded_at)
values (%(id)s, 'usr_1', 'asha@example.com', 'en', 'eur', 4900, '2026-01', %(at)s, 'https://shop.example',
        'https://shop.example', %(at)s, %(session)s, %(state)s, %(mismatch)s, %(payment_intent_id)s,
        %(amount_refunded)s, %(at)s, %(paid_at)s, %(expired_at)s, %(closed_at)s, %(refunded_at)s)"""
_LINE = """
insert into order_lines (line_id, order_id, position, user_id, kind, course_id, title, list_amount,
                         access_days, holds)
values (%(id)s || '_1', %(id)s, 1, 'usr_1', 'course', %(course)s, 'A course', 4900, %(access_days)s,
        %(holds)s)"""
_EVENT = """
insert into events (event_id, type, created, rank, object_id, status, order_id, payment_intent_id, facts)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def _fill(tx: psycopg.Connection[Any]) -> None:
    optional = dict.fromkeys(
        ("mismatch", "payment_intent_id", "paid_at", "expired_at", "closed_at", "refunded_at", "access_days")
    )
    for name, order in ORDERS.items():
        row = {"id": f"ord_{name}", "session": f"cs_{name}", "course": f"course_{name}", "at": T0}
        values = optional | {"amount_refunded": 0} | row | order
        tx.execute(_ORDER, values)
        tx.execute(_LINE, values)
    created = int(T0.timestamp()) * 1_000_000
    for name, (payment_status, amount) in SESSIONS.items():
        facts = {
            "object": "checkout.session",
            "mode": "payment",
            "status": "complete",
            "payment_status": payment_status,
            "amount_total": amount,
            "currency": "eur",
            "payment_intent": f"pi_{name}",
        }
        tx.execute(
            _EVENT,
            (
                f"evt_{name}",
                "checkout.session.completed",
                created,
                6010,
                f"cs_{name}",
                "complete",
                f"ord_{name}",
                f"pi_{name}",
                json.dumps(facts),
            ),
        )
    for name, amount in REFUNDS.items():
        facts = {"object": "refund", "amount": amount, "currency": "eur", "status": "succeeded"}
        tx.execute(
            _EVENT,
            (
                f"evt_refund_{name}",
                "refund.created",
                created + 3_600_000_000,
                12_030,
                f"re_{name}",
                "succeeded",
                None,
                f"pi_{name}",
                json.dumps(facts),
            ),
        )
    tx.execute(
        "insert into refunds (refund_id, order_id, reason, amount, currency, status, line_ids, requested_by,"
        " requested_at) values ('ref_1', 'ord_paid', 'goodwill', 900, 'eur', 'requested', '{}', 'admin', %s)",
        (T0,),
    )


def _tables(dsn: str) -> dict[str, list[dict[str, Any]]]:
    keys = {"orders": "order_id", "order_lines": "line_id", "refunds": "refund_id", "events": "event_id"}
    with psycopg.connect(dsn, row_factory=dict_row) as tx:
        return {
            table: tx.execute(f"select * from {table} order by {key}").fetchall()
            for table, key in keys.items()
        }


@pytest.fixture
def migrated(make_database: MakeDatabase) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """A database of revision 0003 with its orders, upgraded to the newest; and its rows before."""
    dsn = make_database()
    migrations.upgrade(dsn, SERVICE, revision="0003")
    with psycopg.connect(dsn) as tx:
        _fill(tx)
    before = _tables(dsn)
    migrations.upgrade(dsn, SERVICE)
    return dsn, before


def test_orders_keep_every_value_and_their_lines_get_what_was_paid_and_refunded(
    migrated: tuple[str, dict[str, list[dict[str, Any]]]],
) -> None:
    dsn, before = migrated
    after = _tables(dsn)
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        assert kept == rows
    hour_later = T0 + timedelta(hours=1)
    paid: dict[str, tuple[int, int, datetime | None]] = {
        "ord_paid": (4900, 0, None),
        "ord_ended": (4900, 0, None),
        "ord_partly": (4900, 1000, None),
        "ord_refunded": (4900, 4900, hour_later),
    }
    for line in after["order_lines"]:
        found = (line["paid_amount"], line["amount_refunded"], line["refunded_at"])
        assert found == paid.get(line["order_id"], (None, 0, None)), line["order_id"]
    for order in after["orders"]:
        assert order["amount_paid"] == (4900 if order["order_id"] in paid else None), order["order_id"]


def test_deriving_every_order_again_changes_and_announces_nothing(
    migrated: tuple[str, dict[str, list[dict[str, Any]]]],
) -> None:
    dsn, _ = migrated
    before = _tables(dsn)
    worker = ClockWorker(handlers.derivation(lambda: utc_now() + timedelta(minutes=1)), dsn, Health())
    assert worker.once() == len(ORDERS)
    assert _tables(dsn) == before
    with psycopg.connect(dsn) as tx:
        assert tx.execute("select count(*) from outbox").fetchone() == (0,)
        failed = tx.execute("select owner_id, failure from owners where needs_derivation").fetchall()
    assert failed == []


def test_a_course_that_was_held_before_is_still_held(
    migrated: tuple[str, dict[str, list[dict[str, Any]]]],
) -> None:
    dsn, _ = migrated

    def order(*names: str) -> Order:
        lines = tuple(
            Line(position, LineKind.COURSE, "A course", 4900, course_id=f"course_{name}")
            for position, name in enumerate(names, start=1)
        )
        return an_order(order_id=f"ord_new_{'_'.join(names)}", currency="eur", lines=lines)

    async def buy() -> None:
        engine = create_engine(dsn, "test", 1, statement_seconds=5)
        async with engine.begin() as tx:
            for name in ("open", "processing", "paid", "partly", "mismatched"):
                assert not await orders.insert_order(tx, order("refunded", name), NOW)
                (holder,) = await orders.holding(tx, "usr_1", ["course_refunded", f"course_{name}"])
                assert holder.order_id == f"ord_{name}"
            assert await orders.insert_order(tx, order("refunded", "ended", "expired"), NOW)
        await engine.dispose()

    asyncio.run(buy())
