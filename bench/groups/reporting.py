"""Reporting: events per second of one consumer process, and the latency of reports over a million sales."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from bench import mix
from bench.consumers import consume
from bench.environment import Environment
from bench.processes import ROOT
from processkit.postgres.engine import create_engine
from reporting.domain.periods import Granularity, periods
from reporting.handlers import TOPICS
from reporting.store import reports

EVENTS_PER_SECOND = 6000  # approximate, to size the load for the requested seconds
SALES = 1_000_000
LOOKS = 15

# Three years of sales in three currencies; every twentieth is refunded.
_SALES = """
insert into money_lines (order_id, line_id, kind, reference, step, occurred_at, currency, orders, units,
gross,
                         discount, refunded, course_id, category, title, country, user_id, payment_id)
select 'ord_' || i, 'line', kind, 'ref_' || i, 0,
       timestamptz '2023-12-01' + i * (interval '3 years' / %(sales)s) + later,
       (array['eur', 'usd', 'inr'])[1 + i %% 3], orders, orders, orders * 4900, 0, refunded,
       'course_' || i %% 200, 'programming', 'Python for analysts', 'DE', 'usr_' || i %% 50000, 'pi_' || i
from generate_series(1, %(sales)s) i
cross join lateral (values ('sale', interval '0', 1, 0), ('refund', interval '5 days', 0, 4900))
     as part (kind, later, orders, refunded)
where kind = 'sale' or i %% 20 = 0
"""


def run(env: Environment) -> dict[str, float]:
    """One run."""
    with env.database(ROOT / "services" / "reporting") as dsn:
        sequences = int(env.seconds * EVENTS_PER_SECOND / mix.MESSAGES_PER_SEQUENCE)
        taken = consume(env, "reporting", dsn, mix.messages(sequences), TOPICS)
        with psycopg.connect(dsn, autocommit=True) as connection:
            _check(connection, sequences)
            connection.execute("truncate money_lines")
            connection.execute(_SALES, {"sales": SALES})
            connection.execute("vacuum analyze money_lines")
        return {"events_per_second": taken.events_per_second, **asyncio.run(_latencies(dsn))}


def _check(connection: psycopg.Connection[Any], sequences: int) -> None:
    expected = mix.expected(sequences)
    orders = sum(count for (kind, _), count in expected.items() if kind == "order")
    refunded = expected["order", "revoked"]
    row = connection.execute("select sum(orders), sum(gross), sum(refunded) from sales_lines").fetchone()
    if row != (orders, orders * 4900, refunded * 4900):
        raise RuntimeError(f"the ledger is wrong: {row} for {orders} orders and {refunded} refunds")


async def _latencies(dsn: str) -> dict[str, float]:
    engine = create_engine(dsn, "bench", 1, statement_seconds=60, read_only=True, autocommit=True)
    try:
        async with engine.connect() as connection:
            return {
                "days_of_month_1m": await _latency(connection, "day", date(2026, 10, 1), date(2026, 10, 31)),
                "months_of_year_1m": await _latency(
                    connection, "month", date(2025, 12, 1), date(2026, 11, 30)
                ),
                "all_years_1m": await _latency(connection, "year", date(2023, 12, 1), date(2026, 12, 31)),
            }
    finally:
        await engine.dispose()


async def _latency(connection: AsyncConnection, granularity: Granularity, first: date, last: date) -> float:
    asked = periods(granularity, first, last, ZoneInfo("Asia/Kolkata"))
    taken = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        sums = await reports.sales(connection, "eur", asked)
        taken.append(time.perf_counter() - started)
        if not any(sold.orders for sold in sums):
            raise RuntimeError("the report is empty, so the figure is invalid")
    return statistics.median(taken)
