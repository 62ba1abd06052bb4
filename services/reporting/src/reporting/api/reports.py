"""HTTP for analysts: translate, delegate, answer. Every amount is in the minor unit of the named currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from processkit.postgres.pool import Pool
from reporting.domain.ledger import Reason
from reporting.domain.periods import Granularity, default_first, midnight, periods
from reporting.store import reports
from servicekit.auth import require_role
from servicekit.pagination import Page, decode_cursor, encode_cursor
from servicekit.problem import Problem

MAX_PERIODS = 4000
_YEARS = range(2000, 2100)

Currency = Annotated[
    str, Query(pattern="^[A-Za-z]{3}$", description="ISO 4217, such as eur", examples=["eur"])
]
Zone = Annotated[str, Query(max_length=64, description="whose days: an IANA time zone, such as Asia/Kolkata")]
FirstDay = Annotated[date | None, Query(alias="from", description="first day, in the time zone `tz`")]
LastDay = Annotated[date | None, Query(alias="to", description="last day, included; today if left out")]


class SalesRow(BaseModel):
    """One period. Amounts in minor units; net = gross - discounts - refunds."""

    period: str = Field(examples=["2026-11-23"], description="2026-11-23, 2026-11 or 2026")
    orders: int = Field(description="orders settled in the period")
    units: int = Field(description="order lines sold in the period")
    gross: int = Field(description="list prices of what was sold")
    discounts: int
    refunds: int = Field(
        description="paid back in the period, on the refund's own day; less what failed later"
    )
    net: int
    tax: int = Field(
        description="tax added on top of the prices, less refunded tax; in none of the other amounts"
    )


class SalesReport(BaseModel):
    """Sales of one currency. Every period between `from` and `to` has its row, with zeros where nothing
    happened."""

    currency: str
    as_of: datetime | None = Field(
        description="time of the newest event that is counted; null before the first"
    )
    rows: list[SalesRow]


class UnattributedPayment(BaseModel):
    """A payment that stands on no order line, and why."""

    payment_id: str
    reason: Reason
    order_id: str | None
    received_at: datetime
    currency: str
    amount: int
    refunded: int
    expected_currency: str | None = Field(description="what the order asked for, if there is one")
    expected_amount: int | None


class UnattributedTotal(BaseModel):
    """The sum over all pages, by currency and reason."""

    currency: str
    reason: Reason
    payments: int
    amount: int
    refunded: int


class UnattributedPage(Page[UnattributedPayment]):
    """Newest first."""

    totals: list[UnattributedTotal]


def router(pool: Pool, clock: Callable[[], datetime]) -> APIRouter:
    """The reports, for the roles analyst and admin."""
    routes = APIRouter(
        prefix="/v1/reports", tags=["reports"], dependencies=[Depends(require_role("analyst", "admin"))]
    )

    @routes.get("/sales")
    async def sales(
        currency: Currency,
        granularity: Granularity = "day",
        first: FirstDay = None,
        last: LastDay = None,
        tz: Zone = "UTC",
    ) -> SalesReport:
        """Sales by day, month or year. Without `from`: the last 30 days, 12 months or 5 years."""
        zone = _zone(tz)
        last = last or clock().astimezone(zone).date()
        if last.year not in _YEARS:
            raise _invalid("to", f"Choose a day between {_YEARS[0]} and {_YEARS[-1]}.")
        first = first or default_first(granularity, last)
        _check_range(first, last)
        asked = periods(granularity, first, last, zone)
        if len(asked) > MAX_PERIODS:
            raise _invalid(
                "from", f"The report has {len(asked)} rows, at most {MAX_PERIODS} are allowed: ask by month."
            )
        async with pool.connection() as connection:
            # Before the sums: what is counted reaches at least so far.
            reached = await reports.as_of(connection)
            rows = await reports.sales(connection, currency.lower(), asked)
        return SalesReport(
            currency=currency.lower(), as_of=reached, rows=[SalesRow.model_validate(row) for row in rows]
        )

    @routes.get("/unattributed")
    async def unattributed(
        currency: Currency | None = None,
        reason: Reason | None = None,
        first: FirstDay = None,
        last: LastDay = None,
        tz: Zone = "UTC",
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> UnattributedPage:
        """Money that was received but stands on no order line: foreign payments, and payments that
        disagree."""
        zone = _zone(tz)
        _check_range(first or date(_YEARS[0], 1, 1), last or date(_YEARS[-1], 12, 31))
        after = decode_cursor(cursor, (datetime, str)) if cursor else None
        async with pool.connection() as connection:
            rows, totals = await reports.unattributed(
                connection,
                currency=currency.lower() if currency else None,
                reason=reason,
                start=midnight(first, zone) if first else None,
                end=midnight(last + timedelta(days=1), zone) if last else None,
                after=(after[0], after[1]) if after else None,
                limit=limit + 1,
            )
        page = rows[:limit]
        more = encode_cursor((page[-1]["received_at"], page[-1]["payment_id"])) if len(rows) > limit else None
        return UnattributedPage(
            items=[UnattributedPayment.model_validate(row) for row in page],
            next_cursor=more,
            totals=[UnattributedTotal.model_validate(row) for row in totals],
        )

    return routes


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # zoneinfo raises ValueError for a path, OSError for a folder of zones such as "Europe".
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _invalid("tz", "This is no IANA time zone; Europe/Berlin is one.") from error


def _check_range(first: date, last: date) -> None:
    if first.year not in _YEARS or last.year not in _YEARS:
        raise _invalid("from", f"Choose days between the years {_YEARS[0]} and {_YEARS[-1]}.")
    if first > last:
        raise _invalid("from", "`from` lies after `to`: exchange them.")


def _invalid(parameter: str, message: str) -> Problem:
    """The same shape as a parameter that FastAPI itself refuses."""
    return Problem(
        422,
        "validation",
        "The request does not fit",
        "Correct the fields named in `errors` and send the request again.",
        errors=[{"field": f"query.{parameter}", "message": message, "type": "value_error"}],
    )
