"""Amounts as people read them, and paths that a visitor may be sent on to."""

import pytest

from checkout.pages.storefront.text import price
from checkout.pages.storefront.visitor import csrf_token, safe_path


@pytest.mark.parametrize(
    ("amount", "currency", "tag", "shown"),
    [
        (4900, "eur", "en", "€49.00"),
        (123456, "eur", "de", "1.234,56\xa0€"),
        (5000, "jpy", "en", "¥5,000"),
        (12500, "kwd", "en", "KWD\xa012.500"),
        (1950, "all", "en", "ALL\xa019.50"),  # CLDR would show no decimals
        (50000, "isk", "en", "ISK\xa0500"),
        (150000, "ugx", "en", "UGX\xa01,500"),
        (4900, "usd", "xx-not-a-language", "$49.00"),
        (9_007_199_254_740_993, "usd", "en", "$90,071,992,547,409.93"),  # no float on the way
    ],
)
def test_amounts(amount: int, currency: str, tag: str, shown: str) -> None:
    assert price(amount, currency, tag) == shown


@pytest.mark.parametrize("path", ["/", "/courses/ragas?currency=eur", "/checkout/success?order=ord_1"])
def test_own_paths(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "https://evil.org",
        "//evil.org",
        "/\\evil.org",
        "/\t/evil.org",
        "/a\nb",
        "evil",
        "/" + "a" * 500,
        "/ü",
    ],
)
def test_other_paths_lead_to_the_front_page(path: str | None) -> None:
    assert safe_path(path) == "/"


def test_the_form_token_differs_between_sessions_and_does_not_tell_the_cookie() -> None:
    assert csrf_token("one") == csrf_token("one") != csrf_token("two")
    assert "one" not in csrf_token("one")
