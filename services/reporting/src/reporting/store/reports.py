"""The queries of the reports. Read only; Postgres computes all sums over one index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Row, cast, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from reporting.domain.ledger import Sales
from reporting.domain.periods import Period
from reporting.store.tables import money_lines, progress, unattributed_payments

_SOLD = money_lines.c
_PAID = unattributed_payments.c
_BOUNDS = ARRAY(_SOLD.occurred_at.type)


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.sum(column), BigInteger)


async def as_of(connection: AsyncConnection) -> datetime | None:
    """Return the newest event time that the ledger covers; None before the first event."""
    newest: datetime | None = await connection.scalar(select(func.max(progress.c.as_of)))
    return newest


async def sales(connection: AsyncConnection, currency: str, periods: Sequence[Period]) -> list[Sales]:
    """Return the sums of each period, zeros if nothing was sold. Amounts are in minor units of `currency`."""
    bounds = [period.start for period in periods]
    # Finds the period of a row by its bounds, so that all periods are summed in one pass, the time zone does
    # not matter, and no row needs `date_trunc`.
    bucket = func.width_bucket(_SOLD.occurred_at, cast(bounds, _BOUNDS)).label("bucket")
    query = (
        select(
            bucket,
            *map(_sum, (_SOLD.orders, _SOLD.units, _SOLD.gross, _SOLD.discount, _SOLD.refunded, _SOLD.tax)),
            *map(_sum, (_SOLD.disputed, _SOLD.fee)),
        )
        .where(
            _SOLD.currency == currency,
            _SOLD.occurred_at >= bounds[0],
            _SOLD.occurred_at < periods[-1].end,
        )
        .group_by(text("bucket"))
    )
    sums = {number: Sales(*row) for number, *row in await connection.execute(query)}
    return [sums.get(number, Sales()) for number in range(1, len(periods) + 1)]


async def unattributed(
    connection: AsyncConnection,
    *,
    currency: str | None,
    reason: str | None,
    start: datetime | None,
    end: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """Return a page of unattributed payments, newest first, and the totals of all pages by currency and
    reason."""
    chosen = [*_conditions(currency, reason, start, end)]
    newest = tuple_(_PAID.received_at, _PAID.payment_id)
    page = (
        select(unattributed_payments)
        .where(*chosen, *([newest < after] if after else []))
        .order_by(_PAID.received_at.desc(), _PAID.payment_id.desc())
        .limit(limit)
    )
    totals = (
        select(
            _PAID.currency,
            _PAID.reason,
            func.count().label("payments"),
            _sum(_PAID.amount).label("amount"),
            _sum(_PAID.refunded).label("refunded"),
        )
        .where(*chosen)
        .group_by(_PAID.currency, _PAID.reason)
        .order_by(_PAID.currency, _PAID.reason)
    )
    return (await connection.execute(page)).all(), (await connection.execute(totals)).all()


def _conditions(
    currency: str | None, reason: str | None, start: datetime | None, end: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if currency is not None:
        yield _PAID.currency == currency
    if reason is not None:
        yield _PAID.reason == reason
    if start is not None:
        yield _PAID.received_at >= start
    if end is not None:
        yield _PAID.received_at < end
