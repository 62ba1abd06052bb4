"""Amounts of money as text: the one formatter for pages, mails and reports."""

from babel import Locale
from babel.numbers import get_currency_symbol, parse_pattern

from schemas import money


def amount_text(amount: int, currency: str, locale: Locale) -> str:
    """Return an amount in minor units as text, with the locale's pattern and currency symbol.

    The number of decimals follows Stripe's table (schemas.money), not CLDR's: CLDR shows no decimals for the
    Albanian lek, which Stripe charges in hundredths. An amount that cannot be charged (half a króna) is shown
    with all its digits. Raises ValueError if `currency` is not a currency code.
    """
    whole = amount % money.step(currency) == 0
    digits = money.display_digits(currency) if whole else money.exponent(currency)
    code = currency.upper()
    symbol = get_currency_symbol(code, locale)
    text = str(locale.currency_formats["standard"].pattern)
    # CLDR separates a symbol made of letters from the number: "KWD 12.500", not "KWD12.500". Babel does not.
    if symbol[-1:].isalpha():
        text = text.replace("¤#", "¤\xa0#")
    if symbol[:1].isalpha():
        text = text.replace("0¤", "0\xa0¤")
    pattern = parse_pattern(text)
    pattern.frac_prec = (digits, digits)
    value = money.to_decimal(amount, currency)
    return str(pattern.apply(value, locale, currency=code, currency_digits=False))
