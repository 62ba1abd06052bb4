"""Orders that enrollment already stores: seeded with SQL, in the state that the rules derive from them."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import psycopg

from enrollment.domain import Policy
from enrollment.usecases.deriving import derivation
from processkit.postgres.database import Database

EVENTS_PER_ORDER = 5
LATE = 0.05
SAMPLE = 500

# Realistic ids: random for users and orders, beginning with the time for Stripe's objects.
_EVENTS = """
insert into events (event_id, type, created, rank, object_id, status, user_id, order_id, session_id,
                    payment_intent_id, charge_id, facts)
select 'evt_' || k || stripe, type, at, rank,
       case k when 0 then order_id
            when 3 then 'cs_' || stripe when 4 then 'ch_' || stripe else 'pi_' || stripe end,
       status,
       case when k < 4 then user_id end, case when k < 4 then order_id end,
       case when k in (0, 3) then 'cs_' || stripe end, case when k > 0 then 'pi_' || stripe end,
       case when k = 4 then 'ch_' || stripe end,
       case k when 4 then '{{}}'::jsonb
              when 0 then jsonb_build_object('currency', 'eur', 'amount', 4900, 'lines', jsonb_build_array(
                  jsonb_build_object('line_id', order_id || '-1', 'kind', 'course',
                                     'course_id', course_id, 'amount', 4900)))
              else '{{"mode": "payment", "payment_status": "paid", "currency": "eur", "amount": 4900}}'::jsonb
       end
  from ({orders}) as remembered,
       (values (0, 'masterji.order.placed.v1', 0, null),
               (1, 'payment_intent.created', 10, 'requires_payment_method'),
               (2, 'payment_intent.succeeded', 20, 'succeeded'),
               (3, 'checkout.session.completed', 30, 'complete'),
               (4, 'charge.succeeded', 20, 'succeeded')) as part (k, type, rank, status)
"""
_OWNERS = "insert into owners (owner_id) select user_id from ({orders}) as remembered"
_GRANTS = """
insert into grants (user_id, kind, source_id, line_id, course_id, state, reason, since, payment_intent_id,
                    flagged, changed_at)
select user_id, 'order', order_id, order_id || '-1', course_id, 'active', 'paid',
       timestamptz 'epoch' + at * interval '1 microsecond', 'pi_' || stripe, false, now()
  from ({orders}) as remembered
"""
_ACCESS = """
insert into access (user_id, course_id, access, state, kind, source_id, since, version, changed_at)
select user_id, course_id, true, 'active', 'order', order_id,
       timestamptz 'epoch' + at * interval '1 microsecond', 1, now()
  from ({orders}) as remembered
"""
_ORDERS = """
select 'usr_' || left(md5('user' || i), 12) as user_id, 'ord_' || left(md5('order' || i), 24) as order_id,
       lpad(to_hex(i), 8, '0') || left(md5('stripe' || i), 16) as stripe, 'course_' || i % 200 as course_id,
       1760000000000000 + i * 1000000::bigint as at
  from generate_series({first}, {last}) i
"""
_INDEXES = """
select indexdef, indexname from pg_indexes
 where tablename in ('events', 'owners', 'grants', 'access') and indexname not like '%_pkey'
"""


def seed(dsn: str, orders: int) -> None:
    """Store `orders` paid and granted orders, each of a different user; then collect statistics.

    The last orders are inserted after the indexes exist, as in production. In a database that was only bulk
    loaded, no page is in memory or in the WAL since the last checkpoint, so first accesses are slower.
    """
    late = max(1, int(orders * LATE))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set maintenance_work_mem = '1GB'")
        indexes = connection.execute(_INDEXES).fetchall()
        for _, name in indexes:
            connection.execute(f"drop index {name}")
        _remember(connection, 1, orders - late)
        for definition, _ in indexes:
            connection.execute(definition)
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
        _remember(connection, orders - late + 1, orders)
    _check(dsn, orders)


def _remember(connection: psycopg.Connection[Any], first: int, last: int) -> None:
    series = _ORDERS.format(first=first, last=last)
    for statement in (_EVENTS, _OWNERS, _GRANTS, _ACCESS):
        connection.execute(statement.format(orders=series))


def _check(dsn: str, orders: int) -> None:
    """Raise RuntimeError unless deriving some of the users again announces nothing."""
    numbers = random.Random(1).sample(range(1, orders + 1), min(orders, SAMPLE))
    database = Database(dsn, "bench")
    try:
        with database.transaction() as tx:
            row = tx.execute(
                "select array_agg('usr_' || left(md5('user' || i), 12)) from unnest(%s::int[]) i", (numbers,)
            ).fetchone()
            assert row is not None
            derivation(Policy(), lambda: datetime.now(UTC)).derive_owners(tx, row[0])
            announced = tx.execute("select count(*) from outbox").fetchone()
    finally:
        database.close()
    if announced != (0,):
        raise RuntimeError(f"the seeded state differs from what the rules derive: {announced} announcements")
