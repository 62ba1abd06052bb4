"""The queries of the reports. Read only; Postgres computes all sums over one index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from reporting.domain.periods import Period

# Sums all periods in one pass: `width_bucket` finds the period of a row by its bounds, so the time zone does
# not matter and no row needs `date_trunc`.
_SALES = """
select width_bucket(occurred_at, %(bounds)s::timestamptz[]) as bucket,
       sum(orders)::bigint as orders, sum(units)::bigint as units, sum(gross)::bigint as gross,
       sum(discount)::bigint as discounts, sum(refunded)::bigint as refunds,
       sum(tax)::bigint as tax
from money_lines
where currency = %(currency)s and occurred_at >= %(start)s and occurred_at < %(end)s
group by bucket
"""

_UNATTRIBUTED_FILTER = """
    (%(currency)s::text is null or currency = %(currency)s)
    and (%(reason)s::text is null or reason = %(reason)s)
    and (%(start)s::timestamptz is null or received_at >= %(start)s)
    and (%(end)s::timestamptz is null or received_at < %(end)s)
"""
_UNATTRIBUTED = f"""
select payment_id, reason, order_id, received_at, currency, amount, refunded, expected_currency,
expected_amount from unattributed_payments
where {_UNATTRIBUTED_FILTER}
    and (%(after_at)s::timestamptz is null or (received_at, payment_id) < (%(after_at)s, %(after_id)s))
order by received_at desc, payment_id desc limit %(limit)s
"""  # noqa: S608 - inserts only the filter above
_UNATTRIBUTED_TOTALS = f"""
select currency, reason, count(*) as payments, sum(amount)::bigint as amount, sum(refunded)::bigint as
refunded from unattributed_payments where {_UNATTRIBUTED_FILTER}
group by currency, reason order by currency, reason
"""  # noqa: S608


async def as_of(connection: AsyncConnection[Any]) -> datetime | None:
    """Return the newest event time that the ledger covers; None before the first event."""
    row = await (await connection.execute("select max(as_of) from progress")).fetchone()
    result: datetime | None = row[0] if row else None
    return result


async def sales(
    connection: AsyncConnection[Any], currency: str, periods: Sequence[Period]
) -> list[dict[str, Any]]:
    """Return one row per period, with zeros if nothing was sold. Amounts are in minor units of `currency`."""
    bounds = [period.start for period in periods]
    parameters = {"bounds": bounds, "currency": currency, "start": bounds[0], "end": periods[-1].end}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_SALES, parameters)
        sums = {row.pop("bucket"): row async for row in cursor}
    nothing = dict.fromkeys(("orders", "units", "gross", "discounts", "refunds", "tax"), 0)
    rows = []
    for bucket, period in enumerate(periods, start=1):
        row = sums.get(bucket, nothing)
        net = row["gross"] - row["discounts"] - row["refunds"]
        rows.append({"period": period.label, **row, "net": net})
    return rows


async def unattributed(
    connection: AsyncConnection[Any],
    *,
    currency: str | None,
    reason: str | None,
    start: datetime | None,
    end: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a page of unattributed payments, newest first, and the totals of all pages by currency and
    reason."""
    after_at, after_id = after or (None, None)
    parameters = {
        "currency": currency, "reason": reason, "start": start, "end": end,
        "after_at": after_at, "after_id": after_id, "limit": limit,
    }  # fmt: skip
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_UNATTRIBUTED, parameters)
        rows = await cursor.fetchall()
        await cursor.execute(_UNATTRIBUTED_TOTALS, parameters)
        return rows, await cursor.fetchall()
