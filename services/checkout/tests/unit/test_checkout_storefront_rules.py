"""Paths that a visitor may be redirected to, and form tokens."""

import pytest

from checkout.pages.storefront.visitor import csrf_token, safe_path


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
