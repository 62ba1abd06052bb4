"""What may be asked for a course, and where a buyer may be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import errors
from checkout.domain import offers
from checkout.domain.offers import Course

COURSE = Course("c1", "Ragas", None, "", {"eur": 4900, "jpy": 5000}, None, True, 1)
ORIGINS = frozenset({"https://shop.example", "http://127.0.0.1:8001"})


@pytest.mark.parametrize(
    ("currency", "amount", "allowed"),
    [
        ("usd", 50, True),
        ("usd", 49, False),
        ("usd", 0, False),
        ("usd", -100, False),
        ("jpy", 50, True),
        ("jpy", 49, False),
        ("kwd", 1230, True),
        ("kwd", 1235, False),
        ("isk", 500, True),
        ("isk", 550, False),
        ("usd", offers.MAX_AMOUNT, True),
        ("usd", offers.MAX_AMOUNT + 1, False),
        ("usd", 10**30, False),
    ],
)
def test_only_prices_that_stripe_can_charge(currency: str, amount: int, allowed: bool) -> None:
    assert (offers.refuse_price(currency, amount) is None) is allowed


def test_the_price_in_the_wished_currency_or_the_default() -> None:
    assert offers.price_in(COURSE, "jpy", "usd") == ("jpy", 5000)
    assert offers.price_in(COURSE, None, "jpy") == ("jpy", 5000)
    assert offers.price_in(COURSE, None, "usd") == ("eur", 4900)
    with pytest.raises(errors.CurrencyUnavailable, match="eur, jpy") as refusal:
        offers.price_in(COURSE, "usd", "usd")
    assert refusal.value.available == ["eur", "jpy"]


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/thanks",
        "https://shop.example",
        "https://SHOP.example/thanks?a=b",
        "http://127.0.0.1:8001/x?session_id={CHECKOUT_SESSION_ID}",
    ],
)
def test_addresses_of_ours(url: str) -> None:
    assert offers.check_return_url(url, "success_url", ORIGINS) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/relative",
        "//shop.example/x",
        "http://shop.example/x",
        "https://shop.example:444/x",
        "https://shop.example.evil.org/",
        "https://shop.example@evil.org/",
        "https://user@shop.example/",
        "https://evil.org\\@shop.example/",
        "https://evil.org/https://shop.example/",
        "javascript:alert(1)//https://shop.example",
        "data:text/html,x",
        "https://shop.example/x#fragment",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://shop.example/\x00",
        "https://shop.exаmple/",
        "https://[::1/x",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_addresses_of_others(url: str) -> None:
    with pytest.raises(errors.ReturnUrlRefused, match="success_url"):
        offers.check_return_url(url, "success_url", ORIGINS)


@given(st.text(max_size=60))
def test_no_text_gets_a_buyer_off_our_origins(text: str) -> None:
    for candidate in (text, f"https://shop.example{text}", f"https://{text}shop.example/"):
        try:
            checked = offers.check_return_url(candidate, "cancel_url", ORIGINS)
        except errors.ReturnUrlRefused:
            continue
        host = checked.lower().removeprefix("https://").split("/")[0].split("?")[0]
        assert host == "shop.example"


def test_the_session_id_is_added_once() -> None:
    add = offers.with_session_placeholder
    assert add("https://a.example/x") == "https://a.example/x?session_id={CHECKOUT_SESSION_ID}"
    assert add("https://a.example/x?o=1") == "https://a.example/x?o=1&session_id={CHECKOUT_SESSION_ID}"
    assert add("https://a.example/{CHECKOUT_SESSION_ID}") == "https://a.example/{CHECKOUT_SESSION_ID}"
