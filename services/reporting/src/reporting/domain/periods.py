"""The periods of a report: calendar days, months or years of a time zone, as points in time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Granularity = Literal["day", "month", "year"]

_LABEL = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
_DEFAULT_BACK = {"day": 29, "month": 11, "year": 4}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included) to `end` (excluded). `label` is the date, month or year."""

    label: str
    start: datetime
    end: datetime


def periods(granularity: Granularity, first: date, last: date, zone: ZoneInfo) -> list[Period]:
    """Return the periods that cover the days `first` to `last`, both included, without gap or overlap.

    The first and the last period are cut at those days: a month that is requested from its 10th day contains
    the sales from that day. A day has 23 or 25 hours when the clocks change.
    """
    result = []
    start = first
    while start <= last:
        end = min(_next(granularity, start), last + timedelta(days=1))
        result.append(Period(start.strftime(_LABEL[granularity]), midnight(start, zone), midnight(end, zone)))
        start = end
    return result


def default_first(granularity: Granularity, last: date) -> date:
    """Return the default first day of a report: it covers 30 days, 12 months or 5 years, with `last` in the
    last of them."""
    back = _DEFAULT_BACK[granularity]
    if granularity == "day":
        return last - timedelta(days=back)
    if granularity == "year":
        return date(last.year - back, 1, 1)
    months = last.year * 12 + last.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the time in UTC at which the day begins in the time zone."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _next(granularity: Granularity, day: date) -> date:
    if granularity == "day":
        return day + timedelta(days=1)
    if granularity == "year":
        return date(day.year + 1, 1, 1)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
