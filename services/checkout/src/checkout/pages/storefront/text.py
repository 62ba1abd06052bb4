"""Dates, numbers of days and order states as buyers read them."""

from datetime import datetime

from babel import Locale
from babel.dates import format_datetime
from babel.units import format_unit

STATES = {
    "open": "Waiting for payment",
    "processing": "Payment on its way",
    "paid": "Paid",
    "partially_refunded": "Partly refunded",
    "refunded": "Refunded",
    "failed": "Payment failed",
    "expired": "Expired",
}
# The language of the templates. Amounts and dates follow the buyer's locale.
_LANGUAGE = Locale("en")


def date_and_time(value: datetime, locale: Locale) -> str:
    """Return the date and time in UTC, with the zone named."""
    return f"{format_datetime(value, 'medium', locale=locale)} UTC"


def number_of_days(count: int) -> str:
    """Return "1 day", "30 days"."""
    return str(format_unit(count, "duration-day", length="long", locale=_LANGUAGE))
