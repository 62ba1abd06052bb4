"""Billing periods: when a subscription's next period ends."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta


def step(anchor: int, interval: str, count: int) -> int:
    """The anchor plus so many intervals; months end on their last day where the anchor's day does
    not exist.
    """
    moment = datetime.fromtimestamp(anchor, UTC)
    if interval == "day":
        return int((moment + timedelta(days=count)).timestamp())
    if interval == "week":
        return int((moment + timedelta(weeks=count)).timestamp())
    months = moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = moment.year + months // 12, months % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return int(moment.replace(year=year, month=month, day=day).timestamp())


def end_of_period(anchor: int, start: int, interval: str, every: int) -> int:
    """The first boundary after `start`, counted from the anchor so that the 31st is not lost in February."""
    number = 1
    while (end := step(anchor, interval, number * every)) <= start:
        number += 1
    return end
