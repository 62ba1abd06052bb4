"""Billing periods: when a subscription's next period ends."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta


def step(anchor: int, interval: str, count: int) -> int:
    """The anchor plus this many intervals. If the month has no such day, its last day."""
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
    """The first boundary after `start`, counted from the anchor, so that an anchor on the 31st survives
    February.
    """
    number = 1
    while (end := step(anchor, interval, number * every)) <= start:
        number += 1
    return end
