"""Where a buyer may be sent after the payment page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import errors
from checkout.domain import return_urls

ORIGINS = frozenset({"https://shop.example", "http://127.0.0.1:8001"})


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/thanks",
        "https://shop.example",
        "https://SHOP.example/thanks?a=b",
        "http://127.0.0.1:8001/x?session_id={CHECKOUT_SESSION_ID}",
    ],
)
def test_an_address_on_one_of_our_origins_is_allowed(url: str) -> None:
    assert return_urls.check_return_url(url, "success_url", ORIGINS) == url


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
        "https://shop.example/x#",
        "https://shop.example#",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://shop.example/\x00",
        "https://shop.exаmple/",
        "https://[::1/x",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_an_address_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(errors.ReturnUrlRefused, match="success_url"):
        return_urls.check_return_url(url, "success_url", ORIGINS)


@given(st.text(max_size=60))
def test_no_text_sends_a_buyer_to_another_origin(text: str) -> None:
    for candidate in (text, f"https://shop.example{text}", f"https://{text}shop.example/"):
        try:
            checked = return_urls.check_return_url(candidate, "cancel_url", ORIGINS)
        except errors.ReturnUrlRefused:
            continue
        host = checked.lower().removeprefix("https://").split("/")[0].split("?")[0]
        assert host == "shop.example"


def test_the_session_id_is_added_once() -> None:
    add = return_urls.with_session_placeholder
    assert add("https://a.example/x") == "https://a.example/x?session_id={CHECKOUT_SESSION_ID}"
    assert add("https://a.example/x?o=1") == "https://a.example/x?o=1&session_id={CHECKOUT_SESSION_ID}"
    assert add("https://a.example/{CHECKOUT_SESSION_ID}") == "https://a.example/{CHECKOUT_SESSION_ID}"
