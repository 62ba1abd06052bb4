"""Periods in time zones with irregular days."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.periods import Granularity, default_first, periods

ZONES = ("UTC", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Cairo", "Europe/Berlin")


def test_a_day_has_23_hours_when_the_clocks_go_forward() -> None:
    found = periods("day", date(2026, 3, 28), date(2026, 3, 30), ZoneInfo("Europe/Berlin"))

    assert [period.end - period.start for period in found] == [
        timedelta(hours=24),
        timedelta(hours=23),
        timedelta(hours=24),
    ]


def test_a_day_that_a_time_zone_skipped_is_empty() -> None:
    """Samoa crossed the date line at the end of 29 December 2011."""
    eve, skipped, after = periods("day", date(2011, 12, 29), date(2011, 12, 31), ZoneInfo("Pacific/Apia"))

    assert eve.end == skipped.start == skipped.end == after.start
    assert eve.end - eve.start == after.end - after.start == timedelta(hours=24)


def test_a_partial_month_contains_only_the_requested_days() -> None:
    found = periods("month", date(2026, 1, 10), date(2026, 3, 5), ZoneInfo("UTC"))

    assert [(period.label, period.start, period.end) for period in found] == [
        ("2026-01", datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC)),
    ]


def test_a_year_is_a_calendar_year_of_the_requested_time_zone() -> None:
    [year] = periods("year", date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("Asia/Kolkata"))

    assert (year.label, year.start) == ("2026", datetime(2025, 12, 31, 18, 30, tzinfo=UTC))


@given(
    granularity=st.sampled_from(["day", "month", "year"]),
    first=st.dates(date(2000, 1, 1), date(2098, 1, 1)),
    days=st.integers(0, 900),
    zone=st.sampled_from(ZONES),
)
def test_periods_leave_no_gap_and_do_not_overlap(
    granularity: Granularity, first: date, days: int, zone: str
) -> None:
    last = first + timedelta(days=days)
    found = periods(granularity, first, last, ZoneInfo(zone))

    assert len({period.label for period in found}) == len(found)
    for earlier, later in itertools.pairwise(found):
        assert earlier.end == later.start
        assert earlier.start < earlier.end
    assert found[0].start.astimezone(ZoneInfo(zone)).date() == first
    assert (found[-1].end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == last


@pytest.mark.parametrize(
    ("granularity", "last", "first"),
    [
        ("day", date(2026, 3, 1), date(2026, 1, 31)),
        ("month", date(2026, 3, 31), date(2025, 4, 1)),
        ("month", date(2026, 12, 5), date(2026, 1, 1)),
        ("year", date(2026, 7, 1), date(2022, 1, 1)),
    ],
)
def test_the_default_first_day_of_a_report(granularity: Granularity, last: date, first: date) -> None:
    assert default_first(granularity, last) == first
