"""Currencies: decimals, minimum charge amounts and the sandbox's fees."""

from __future__ import annotations

from fractions import Fraction

# https://docs.stripe.com/currencies#zero-decimal and #three-decimal
ZERO_DECIMAL = frozenset(
    """bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf""".split()  # noqa: SIM905
)
THREE_DECIMAL = frozenset(
    """bhd jod kwd omr tnd""".split()  # noqa: SIM905
)
TWO_DECIMAL = frozenset(
    """usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf
    chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr
    ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr
    mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos
    srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd xcg yer zar zmw""".split()  # noqa: SIM905
)
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | TWO_DECIMAL

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts; any positive amount where no minimum
# is stated.
MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
MAXIMUM = 99_999_999


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit, as Stripe defines them."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def minimum(currency: str) -> int:
    """The minimum charge amount, in minor units."""
    return MINIMUM.get(currency, 1)


def fee(amount: int, currency: str) -> int:
    """The fee for a charge: 2.9 % plus 0.30 in the currency's main unit (¥30, 0.300 KWD)."""
    fixed = 300 if exponent(currency) == 3 else 30
    return min(amount, round(Fraction(amount) * 29 / 1000) + fixed)


def show(amount: int, currency: str) -> str:
    """An amount as text: `19.90 USD`."""
    digits = exponent(currency)
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 10**digits)
    text = f"{whole:,}" if digits == 0 else f"{whole:,}.{rest:0{digits}d}"
    return f"{sign}{text} {currency.upper()}"
