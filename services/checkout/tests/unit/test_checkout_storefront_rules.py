"""Dates and numbers of days as buyers read them, and paths that a visitor may be redirected to."""

from datetime import UTC, datetime

import pytest
from babel import Locale

from checkout.pages.storefront.text import date_and_time, number_of_days
from checkout.pages.storefront.visitor import csrf_token, safe_path


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 day"), (2, "2 days"), (365, "365 days"), (1000, "1,000 days")]
)
def test_a_number_of_days_has_the_plural_form_of_its_count(count: int, text: str) -> None:
    assert number_of_days(count) == text


def test_a_date_follows_the_locale_and_names_its_zone() -> None:
    moment = datetime(2026, 11, 2, 18, 20, tzinfo=UTC)

    assert date_and_time(moment, Locale("de")) == "02.11.2026, 18:20:00 UTC"


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
