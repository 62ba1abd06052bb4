"""The HTTP API of the reports. Every amount is in the minor unit of its currency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from reporting.domain.ledger import Reason
from reporting.domain.periods import Granularity, default_first, midnight, periods
from reporting.store import reports
from servicekit.auth import require_role
from servicekit.pagination import Page, decode_cursor, one_page
from servicekit.problem import Problem

MAX_PERIODS = 4000
_YEARS = range(2000, 2100)

Currency = Annotated[
    str, Query(pattern="^[A-Za-z]{3}$", description="ISO 4217, such as eur", examples=["eur"])
]
Zone = Annotated[str, Query(max_length=64, description="IANA time zone of the days, such as Asia/Kolkata")]
FirstDay = Annotated[date | None, Query(alias="from", description="first day, in the time zone `tz`")]
LastDay = Annotated[date | None, Query(alias="to", description="last day, included; default: today")]


class SalesRow(BaseModel):
    """One period. Amounts are in minor units; net = gross - discounts - refunds - disputes."""

    period: str = Field(examples=["2026-11-23"], description="2026-11-23, 2026-11 or 2026")
    orders: int = Field(description="orders settled in the period")
    units: int = Field(description="order lines sold in the period")
    gross: int = Field(description="sum of the list prices of the order lines sold")
    discounts: int
    refunds: int = Field(
        description="refunds that succeeded in the period, less those that failed in it afterwards"
    )
    disputes: int = Field(description="what disputes withdrew in the period, less what was reinstated in it")
    net: int
    tax: int = Field(
        description="tax added on top of the prices, less refunded and disputed tax; not part of the other "
        "amounts"
    )
    dispute_fees: int = Field(
        description="what Stripe charged for disputes in this currency; not part of net"
    )


class SalesReport(BaseModel):
    """Sales in one currency. Every period between `from` and `to` has a row, with zeros if nothing
    happened."""

    currency: str
    as_of: datetime | None = Field(
        description="time of the newest event that is counted; null before the first event"
    )
    rows: list[SalesRow]


class UnattributedPayment(BaseModel):
    """A payment that is not booked on an order line, and the reason."""

    payment_id: str
    reason: Reason
    order_id: str | None
    received_at: datetime
    currency: str
    amount: int
    refunded: int
    expected_currency: str | None = Field(description="currency of the order, if it is known")
    expected_amount: int | None = Field(description="amount of the order before tax, if it is known")


class UnattributedTotal(BaseModel):
    """The totals of all pages for one currency and reason."""

    currency: str
    reason: Reason
    payments: int
    amount: int
    refunded: int


class UnattributedPage(Page[UnattributedPayment]):
    """A page of unattributed payments, newest first."""

    totals: list[UnattributedTotal]


def router(engine: AsyncEngine, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes of the reports, for the roles analyst and admin."""
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
        """Return sales by day, month or year. Without `from`: the last 30 days, 12 months or 5 years."""
        zone = _zone(tz)
        last = last or clock().astimezone(zone).date()
        if last.year not in _YEARS:
            raise _invalid("to", f"Choose a day in the years {_YEARS[0]} to {_YEARS[-1]}.")
        first = first or default_first(granularity, last)
        _check_range(first, last)
        requested = periods(granularity, first, last, zone)
        if len(requested) > MAX_PERIODS:
            raise _invalid(
                "from",
                f"The report would have {len(requested)} rows; the maximum is {MAX_PERIODS}."
                " Choose fewer days or a larger granularity.",
            )
        async with engine.connect() as connection:
            # Read before the sums, so that they include every event up to this time.
            reached = await reports.as_of(connection)
            sums = await reports.sales(connection, currency.lower(), requested)
        rows = [
            SalesRow(period=period.label, net=sold.net, **asdict(sold))
            for period, sold in zip(requested, sums, strict=True)
        ]
        return SalesReport(currency=currency.lower(), as_of=reached, rows=rows)

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
        """Return payments that were received but are not booked on an order line, with the reason."""
        zone = _zone(tz)
        _check_range(first or date(_YEARS[0], 1, 1), last or date(_YEARS[-1], 12, 31))
        after = decode_cursor(cursor, (datetime, str)) if cursor else None
        async with engine.connect() as connection:
            rows, totals = await reports.unattributed(
                connection,
                currency=currency.lower() if currency else None,
                reason=reason,
                start=midnight(first, zone) if first else None,
                end=midnight(last + timedelta(days=1), zone) if last else None,
                after=(after[0], after[1]) if after else None,
                limit=limit + 1,
            )
        shown, next_cursor = one_page(rows, limit, lambda row: (row.received_at, row.payment_id))
        return UnattributedPage(
            items=[UnattributedPayment.model_validate(row, from_attributes=True) for row in shown],
            next_cursor=next_cursor,
            totals=[UnattributedTotal.model_validate(row, from_attributes=True) for row in totals],
        )

    return routes


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # zoneinfo raises ValueError for a path, OSError for a folder of zones such as "Europe".
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _invalid("tz", "This is not an IANA time zone. Use a name such as Europe/Berlin.") from error


def _check_range(first: date, last: date) -> None:
    if first.year not in _YEARS or last.year not in _YEARS:
        raise _invalid("from", f"Choose days in the years {_YEARS[0]} to {_YEARS[-1]}.")
    if first > last:
        raise _invalid("from", "`from` is after `to`. Choose a day on or before `to`.")


def _invalid(parameter: str, message: str) -> Problem:
    """Return the problem that FastAPI's own validation of a parameter would cause."""
    return Problem(
        422,
        "validation",
        "Request validation failed",
        "Correct the fields named in `errors` and send the request again.",
        errors=[{"field": f"query.{parameter}", "message": message, "type": "value_error"}],
    )
