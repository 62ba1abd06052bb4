"""What a visitor of the storefront without JavaScript does."""

import re

import httpx
from checkout_shop import Shop


def sign_in(
    shop: Shop, visitor: httpx.Client, user: str = "usr_asha", return_to: str = "/"
) -> httpx.Response:
    token = shop.issuer.token(user, f"{user}@example.com")
    return visitor.post(
        "/session", data={"token": token, "return_to": return_to}, headers={"Origin": "http://id.example"}
    )


def field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return found[1]


def buy(shop: Shop, visitor: httpx.Client, **changes: str | None) -> httpx.Response:
    page = visitor.get("/courses/ragas")
    form = {
        "csrf": field(page, "csrf"),
        "currency": "eur",
        "terms": field(page, "terms"),
        "accept": "yes",
    } | changes
    filled = {name: value for name, value in form.items() if value is not None}
    return visitor.post("/courses/ragas/checkout", data=filled, headers={"Origin": shop.url})
