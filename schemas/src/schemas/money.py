"""Money as Stripe counts it: an integer in the currency's minor unit, next to the ISO code in lower case.

Source of the tables: https://docs.stripe.com/currencies ("Zero-decimal", "Three-decimal", "Special
cases", "Minimum and maximum charge amounts").

Four currencies are not what ISO says:

- **ISK** and **UGX** have no minor unit, yet Stripe counts them in hundredths for backwards
  compatibility: 5 kr. are 500, and the last two digits must be 00. Exponent 2, shown with 0 digits, step
  100.
- **HUF** and **TWD** are charged in hundredths like most others; only *payouts* must be divisible by 100.
  They are ordinary here, as nothing in this system makes a payout.

Amounts of different currencies are never added: a function here takes one amount and its currency, or no
currency.
"""

from collections.abc import Sequence
from decimal import Decimal

_ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
_TWO_DECIMAL_CODES = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf
    cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils
    inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn
    nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd
    std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd xcg yer zar zmw"""
_TWO_DECIMAL = frozenset(_TWO_DECIMAL_CODES.split())
_SUPPORTED = _ZERO_DECIMAL | _THREE_DECIMAL | _TWO_DECIMAL
_SHOWN_WHOLE = frozenset({"isk", "ugx"})

# In minor units. Only what Stripe's table names; a charge in any other currency must still be worth the
# minimum of the account's settlement currency, which only Stripe can tell.
_MINIMUM = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip

_MAXIMUM = 99_999_999
_LONGER = {"idr": 999_999_999_999}
"""Amounts have at most eight digits, except in these currencies. Where Stripe allows a little more, such as
nine digits in INR, no course costs that much."""


def _code(currency: str) -> str:
    code = currency.lower()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValueError(f"{currency!r} is no ISO 4217 currency code, such as 'eur'")
    return code


def exponent(currency: str) -> int:
    """How many decimal digits the minor unit of Stripe's amounts has: 0, 2 or 3. Raises ValueError if not
    a code."""
    code = _code(currency)
    if code in _ZERO_DECIMAL:
        return 0
    return 3 if code in _THREE_DECIMAL else 2


def display_digits(currency: str) -> int:
    """How many decimals to show to people: the exponent, but none for ISK and UGX, whose hundredths do
    not exist."""
    return 0 if _code(currency) in _SHOWN_WHOLE else exponent(currency)


def step(currency: str) -> int:
    """The smallest difference between two chargeable amounts, in minor units.

    100 for ISK and UGX; 10 for three-decimal currencies, whose last digit must be 0; else 1.
    """
    code = _code(currency)
    if code in _SHOWN_WHOLE:
        return 100
    return 10 if code in _THREE_DECIMAL else 1


def minimum_charge(currency: str) -> int | None:
    """The least amount that Stripe charges, in minor units; None where Stripe names none for this
    currency."""
    return _MINIMUM.get(_code(currency))


def maximum_charge(currency: str) -> int:
    """The greatest amount that Stripe charges, in minor units."""
    return _LONGER.get(_code(currency), _MAXIMUM)


def is_supported(currency: str) -> bool:
    """Return whether Stripe charges amounts in this currency."""
    return currency.lower() in _SUPPORTED


def to_decimal(amount: int, currency: str) -> Decimal:
    """The amount in major units, exact: `to_decimal(1999, "eur")` is `Decimal("19.99")`."""
    return Decimal(amount).scaleb(-exponent(currency))


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights`, so that the parts sum to it exactly (largest remainder).

    Ties go to the earlier part, so the result depends on nothing else. A part of weight 0 gets nothing,
    unless all weights are 0: then all count alike. With `0 <= total <= sum(weights)` no part exceeds its
    weight: a discount never makes a line negative. Raises ValueError for a negative weight, and for a
    total without any part.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if not weights:
        if total:
            raise ValueError(f"an amount of {total} cannot be spread over nothing")
        return []
    if total < 0:
        return [-part for part in spread(-total, weights)]
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def spread_in_steps(total: int, weights: Sequence[int], step: int) -> list[int]:
    """Split `total` as `spread` does, into parts that are multiples of `step` (the currency's `step`).

    The weights count in whole steps, so that with `0 <= total <= sum(weights)`, all in whole steps, no part
    exceeds its weight. Raises ValueError if `total` is not in whole steps, and where `spread` does.
    """
    if step < 1 or total % step:
        raise ValueError(f"an amount of {total} cannot be split into steps of {step}")
    return [part * step for part in spread(total // step, [weight // step for weight in weights])]
