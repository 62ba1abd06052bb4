"""Amounts, numbers and times as readers of one locale write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal

from servicekit.amounts import amount_text


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats of one locale."""

    locale: Locale

    def money(self, amount: int, currency: str) -> str:
        """Return an amount in minor units as text; see servicekit.amounts."""
        return amount_text(amount, currency, self.locale)

    def number(self, value: int) -> str:
        """Return a number with the locale's separators."""
        return str(format_decimal(value, locale=self.locale))

    def day(self, value: date | datetime) -> str:
        """Return the date in words, such as November 2, 2026; of a moment, the date in UTC."""
        utc = value.astimezone(UTC) if isinstance(value, datetime) else value
        return str(format_date(utc, "long", locale=self.locale))

    def moment(self, value: datetime) -> str:
        """Return the date and time in UTC, with the zone named."""
        utc = value.astimezone(UTC)
        # Both "medium" would add the seconds.
        pattern = str(get_datetime_format("medium", locale=self.locale)).replace("'", "")
        day = format_date(utc, "medium", locale=self.locale)
        return f"{pattern.format(format_time(utc, 'short', locale=self.locale), day)} UTC"
