"""Amounts, dates and states as people read them."""

from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import get_currency_symbol, parse_pattern

from schemas import money

STATES = {
    "open": "Waiting for payment",
    "processing": "Payment on its way",
    "paid": "Paid",
    "partially_refunded": "Partly refunded",
    "refunded": "Refunded",
    "failed": "Payment failed",
    "expired": "Expired",
}


def price(amount: int, currency: str, tag: str) -> str:
    """The amount as the reader's language writes it; digits by Stripe's table and not by CLDR's.

    They differ: CLDR shows no decimals for the Albanian lek, which Stripe charges in hundredths.
    """
    locale = locale_of(tag)
    symbol = get_currency_symbol(currency.upper(), locale)
    written = str(locale.currency_formats["standard"].pattern)
    # CLDR's rule for a symbol of letters: "KWD 12.500" and not "KWD12.500".
    if symbol[-1:].isalpha():
        written = written.replace("¤#", "¤\xa0#")
    if symbol[:1].isalpha():
        written = written.replace("0¤", "0\xa0¤")
    pattern = parse_pattern(written)
    digits = money.display_digits(currency)
    pattern.frac_prec = (digits, digits)
    value = money.to_decimal(amount, currency)
    return str(pattern.apply(value, locale, currency=currency.upper(), currency_digits=False))


def moment(value: datetime, tag: str) -> str:
    """Date and time in UTC, which it says."""
    return f"{format_datetime(value, 'medium', locale=locale_of(tag))} UTC"


def locale_of(tag: str) -> Locale:
    """The locale of a language tag; English for one that is not known."""
    for candidate in (tag, tag.split("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")
