"""Amounts and locales as people read them."""

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from schemas import money
from servicekit.amounts import amount_text
from servicekit.locales import LISTED, _parsed, locale_of

CURRENCIES = [
    "usd",
    "eur",
    "gbp",
    "inr",
    "chf",
    "kwd",
    "bhd",
    "jod",
    "omr",
    "tnd",
    "jpy",
    "krw",
    "vnd",
    "clp",
    "xaf",
    "xof",
    "isk",
    "ugx",
    "huf",
    "twd",
    "rsd",
    "all",
    "lbp",
    "lak",
    "mmk",
    "afn",
]


@pytest.mark.parametrize(
    ("amount", "currency", "tag", "text"),
    [
        (4900, "eur", "en", "€49.00"),
        (4900, "EUR", "en", "€49.00"),
        (123456, "eur", "de", "1.234,56\xa0€"),
        (123456, "eur", "fr-FR", "1\u202f234,56\xa0€"),
        (123456, "inr", "hi", "₹1,234.56"),
        (12345600, "inr", "en-IN", "₹1,23,456.00"),
        (5000, "jpy", "en", "¥5,000"),
        (12500, "kwd", "en", "KWD\xa012.500"),
        (50000, "isk", "en", "ISK\xa0500"),
        (50050, "isk", "en", "ISK\xa0500.50"),  # it cannot be charged, but it must not be shown as 501 or 500
        (150000, "ugx", "en", "UGX\xa01,500"),
        (12345, "kwd", "en", "KWD\xa012.345"),
        (12345, "huf", "en", "HUF\xa0123.45"),
        (12345, "huf", "hu", "123,45\xa0Ft"),
        (0, "usd", "en", "$0.00"),
        (-980, "eur", "en", "-€9.80"),
        (-980, "eur", "de", "-9,80\xa0€"),
        (-980, "kwd", "en", "-KWD\xa00.980"),
        (-500, "chf", "de-CH", "CHF-5.00"),
        (4900, "usd", "xx-not-a-language", "$49.00"),
        (9_007_199_254_740_993, "usd", "en", "$90,071,992,547,409.93"),  # more digits than a float holds
    ],
)
def test_an_amount_has_the_pattern_and_the_symbol_of_the_locale(
    amount: int, currency: str, tag: str, text: str
) -> None:
    assert amount_text(amount, currency, locale_of(tag)) == text


@pytest.mark.parametrize("currency", ["rsd", "all", "lbp", "lak", "mmk", "afn"])
def test_currencies_without_decimals_in_cldr_have_the_two_that_stripe_charges(currency: str) -> None:
    assert amount_text(12345, currency, Locale("en")) == f"{currency.upper()}\xa0123.45"


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_amount_shows_the_digits_of_stripes_table(currency: str) -> None:
    text = amount_text(1_000_000, currency, Locale("en"))

    decimals = text.rpartition(".")[2] if "." in text else ""
    assert len(decimals) == money.display_digits(currency)


def test_a_word_that_is_not_a_currency_code_is_refused() -> None:
    with pytest.raises(ValueError, match="'euro'"):
        amount_text(100, "euro", Locale("en"))


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("en", "en"),
        ("en-GB", "en_GB"),
        ("pt_BR", "pt_BR"),
        ("de_AT", "de_AT"),
        ("de-XX", "de"),
        ("zh-Hant-TW-x", "zh_Hant_TW"),
        ("xx-YY", "en"),
        ("", "en"),
        ("-", "en"),
        ("é", "en"),
    ],
)
def test_the_locale_of_a_tag_is_its_longest_known_prefix(tag: str, locale: str) -> None:
    assert str(locale_of(tag)) == locale


@given(st.text(max_size=40))
def test_any_text_gives_a_locale_that_can_write_an_amount(tag: str) -> None:
    assert "12" in amount_text(1200, "eur", locale_of(tag))


def test_tags_of_strangers_load_no_more_than_the_listed_locales() -> None:
    for name in (*locale_identifiers(), "x" * 10_000, "-", "", "en" + "-x" * 5000, "\udcff"):
        amount_text(4900, "eur", locale_of(name.replace("_", "-")))
    assert _parsed.cache_info().currsize <= len(LISTED)
