"""The storefront as a visitor without JavaScript uses it."""

import re
from html.parser import HTMLParser

import httpx
import pytest
from checkout_shop import Shop
from checkout_visitor import buy, field, sign_in

TERMS = "2026-01"


def test_the_list_and_the_course_with_price_by_currency_and_language(
    shop: Shop, visitor: httpx.Client
) -> None:
    front = visitor.get("/")
    assert front.status_code == 200
    assert "Ragas for beginners" in front.text
    assert "€49.00" in front.text
    assert "¥5,000" in visitor.get("/?currency=jpy").text
    german = visitor.get("/courses/ragas", headers={"Accept-Language": "de-DE"})
    assert "49,00\xa0€" in german.text
    assert '<html lang="de">' in german.text
    assert "Zum Kaufen anmelden" in german.text
    tamil = visitor.get("/courses/ragas", headers={"Accept-Language": "ta-IN"})
    assert '<html lang="en">' in tamil.text
    assert "Sign in to buy" in tamil.text


def test_a_purchase_without_javascript(shop: Shop, visitor: httpx.Client) -> None:
    away = visitor.get("/sign-in?return_to=/courses/ragas")
    assert away.status_code == 303
    assert away.headers["location"].startswith(
        "http://id.example/sign-in?return_to=%2Fcourses%2Fragas&session_url="
    )
    back = sign_in(shop, visitor, return_to="/courses/ragas")
    assert (back.status_code, back.headers["location"]) == (303, "/courses/ragas")

    to_stripe = buy(shop, visitor)
    assert to_stripe.status_code == 303
    (session,) = shop.stripe.sessions()
    assert to_stripe.headers["location"] == session["url"]
    order_id = session["client_reference_id"]

    success = f"/checkout/success?order={order_id}&session_id={session['id']}"
    waiting = visitor.get(success).text
    assert "Waiting for confirmation" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "Your course is ready" not in waiting  # being sent back proves nothing

    shop.stripe.pay(session["id"])
    shop.deliver()
    paid = visitor.get(success).text
    assert "Your course is ready" in paid
    assert "€49.00" in paid
    assert 'http-equiv="refresh"' not in paid
    orders = visitor.get("/orders").text
    assert order_id in orders
    assert "Paid" in orders
    assert "Your access is being set up" in visitor.get("/courses/ragas").text
    shop.announce(True, 1)
    assert "You own this" in visitor.get("/courses/ragas").text
    assert "You own this" in visitor.get("/").text
    assert "already" in buy_again(shop, visitor).text


def buy_again(shop: Shop, visitor: httpx.Client) -> httpx.Response:
    csrf = field(visitor.get("/orders"), "csrf")
    form = {"csrf": csrf, "currency": "eur", "terms": TERMS, "accept": "yes"}
    answer = visitor.post("/courses/ragas/checkout", data=form, headers={"Origin": shop.url})
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/html")
    return answer


def test_a_cancelled_payment_can_be_taken_up_again(shop: Shop, visitor: httpx.Client) -> None:
    sign_in(shop, visitor)
    page_at_stripe = buy(shop, visitor).headers["location"]
    (session,) = shop.stripe.sessions()
    order_id = session["client_reference_id"]
    assert session["cancel_url"] == f"{shop.url}/checkout/cancel?order={order_id}"
    cancelled = visitor.get(session["cancel_url"])
    assert "You have not paid yet" in cancelled.text
    form = {"csrf": field(cancelled, "csrf")}
    resumed = visitor.post(f"/orders/{order_id}/resume", data=form, headers={"Origin": shop.url})
    assert (resumed.status_code, resumed.headers["location"]) == (303, page_at_stripe)

    shop.stripe.expire(session["id"])
    for state in ("open", "expired"):
        assert shop.order(order_id)["state"] == state
        gone = visitor.post(f"/orders/{order_id}/resume", data=form, headers={"Origin": shop.url})
        assert gone.status_code == 409
        assert "can no longer be paid" in gone.text


def test_who_was_given_access_meanwhile_is_not_sent_to_pay(shop: Shop, visitor: httpx.Client) -> None:
    sign_in(shop, visitor)
    buy(shop, visitor)
    (session,) = shop.stripe.sessions()
    cancelled = visitor.get(session["cancel_url"])
    shop.announce(True, 1)
    answer = visitor.post(
        f"/orders/{session['client_reference_id']}/resume",
        data={"csrf": field(cancelled, "csrf")},
        headers={"Origin": shop.url},
    )
    assert answer.status_code == 409
    assert "You already own this course" in answer.text


def test_while_a_bank_payment_is_pending_the_course_can_be_paid_in_another_way(
    shop: Shop, visitor: httpx.Client
) -> None:
    sign_in(shop, visitor)
    first = buy(shop, visitor)
    session_id = shop.stripe.sessions()[0]["id"]
    shop.stripe.pay(session_id, card="DE89370400440532013000")
    shop.deliver()
    page = visitor.get("/courses/ragas")
    assert "Waiting for your bank" in page.text
    assert "we refund the later one automatically" in page.text
    assert field(page, "beside_pending") == "yes"
    assert buy(shop, visitor).status_code == 409, "not without the warning"
    second = buy(shop, visitor, beside_pending="yes")
    assert (second.status_code, second.headers["location"] != first.headers["location"]) == (303, True)


def test_a_payment_under_review_cannot_be_made_again(shop: Shop, visitor: httpx.Client) -> None:
    sign_in(shop, visitor)
    shop.paid_in_another_amount()
    assert "Pay in another way" not in visitor.get("/courses/ragas").text


def test_the_terms_must_be_accepted_in_the_version_that_was_shown(shop: Shop, visitor: httpx.Client) -> None:
    sign_in(shop, visitor)
    for changes in ({"accept": None}, {"terms": "2025-01"}, {"terms": None}):
        answer = buy(shop, visitor, **changes)
        assert answer.status_code == 422
        assert "accept the terms" in answer.text
    assert shop.rows("select from orders") == []
    assert f"Version {TERMS}" in visitor.get("/terms").text


def test_the_cookie_is_out_of_reach_and_ends_with_signing_out(shop: Shop, visitor: httpx.Client) -> None:
    answer = sign_in(shop, visitor)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    csrf = field(visitor.get("/orders"), "csrf")
    assert (
        visitor.post("/session/delete", data={"csrf": csrf}, headers={"Origin": shop.url}).status_code == 303
    )
    assert visitor.get("/orders").status_code == 303


def test_an_https_shop_has_a_cookie_for_itself_alone() -> None:
    from starlette.responses import Response

    from checkout.pages.storefront.visitor import Sessions

    response = Response()
    Sessions("https://shop.example", "https://id.example/sign-in", ()).sign_in(response, "a.b.c")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-masterji=a.b.c;")
    assert "Secure" in cookie
    assert "Path=/" in cookie


def test_a_bearer_in_the_header_becomes_a_cookie_too(shop: Shop, visitor: httpx.Client) -> None:
    answer = visitor.post("/session", headers=shop.bearer())
    assert answer.status_code == 204
    assert visitor.get("/orders").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000, "é", "\x00"], ids=lambda token: token[:8])
def test_tokens_that_are_none_sign_nobody_in(shop: Shop, visitor: httpx.Client, token: str) -> None:
    answer = visitor.post("/session", data={"token": token})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "cookie", ["x", "a.b.c", "=", "x" * 3000, "eyJhbGciOiJub25lIn0.e30."], ids=lambda c: c[:8]
)
def test_a_cookie_that_is_none_is_nobody(shop: Shop, visitor: httpx.Client, cookie: str) -> None:
    headers = {"Cookie": f"masterji={cookie}"}
    assert visitor.get("/", headers=headers).status_code == 200
    assert visitor.get("/orders", headers=headers).status_code == 303
    answer = visitor.post("/courses/ragas/checkout", data={"accept": "yes"}, headers=headers)
    assert answer.status_code == 303
    assert shop.rows("select from orders") == []


def test_forms_from_elsewhere_do_nothing(shop: Shop, visitor: httpx.Client) -> None:
    sign_in(shop, visitor)
    csrf = field(visitor.get("/courses/ragas"), "csrf")
    good = {"csrf": csrf, "currency": "eur", "terms": TERMS, "accept": "yes"}
    for data, origin in (
        (good, "https://evil.org"),
        (good, "null"),
        (good | {"csrf": "0" * 64}, shop.url),
        (good | {"csrf": ""}, shop.url),
        (good | {"csrf": "é"}, shop.url),
        ({"accept": "yes"}, shop.url),
    ):
        for path in ("/courses/ragas/checkout", "/orders/ord_1/resume", "/session/delete"):
            answer = visitor.post(path, data=data, headers={"Origin": origin})
            assert answer.status_code == 403, (path, origin)
    assert shop.rows("select from orders") == []
    token = shop.issuer.token("usr_evil", "evil@example.com")
    for headers in (
        {"Origin": "https://evil.org"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    ):
        assert visitor.post("/session", data={"token": token}, headers=headers).status_code == 403


def test_anothers_order_is_not_there(shop: Shop, visitor: httpx.Client) -> None:
    order_id = shop.buy("usr_ben").json()["order_id"]
    sign_in(shop, visitor)
    for path in (
        f"/checkout/success?order={order_id}",
        f"/checkout/cancel?order={order_id}",
        "/checkout/success",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert order_id not in answer.text
    csrf = field(visitor.get("/courses/ragas"), "csrf")
    answer = visitor.post(f"/orders/{order_id}/resume", data={"csrf": csrf}, headers={"Origin": shop.url})
    assert answer.status_code == 404


def test_after_signing_in_one_stays_on_this_site(shop: Shop, visitor: httpx.Client) -> None:
    for target in ("https://evil.org", "//evil.org", "/\\evil.org", "javascript:alert(1)"):
        assert sign_in(shop, visitor, return_to=target).headers["location"] == "/"
        assert "evil" not in visitor.get("/sign-in", params={"return_to": target}).headers["location"]


def test_stripe_away_is_a_page_that_says_what_to_do(shop: Shop, visitor: httpx.Client) -> None:
    sign_in(shop, visitor)
    shop.stripe.fail(status=503, next=None)
    answer = buy(shop, visitor)
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert "Please try again in a few seconds" in answer.text
    assert "You have not been charged" in answer.text


def test_a_course_cannot_smuggle_markup_into_the_page(shop: Shop, visitor: httpx.Client) -> None:
    nasty = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    shop.course("nasty", title=nasty, description=nasty, category=nasty)
    for path in ("/", "/courses/nasty"):
        text = visitor.get(path).text
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("language", ["de", "es", "fr", "hi"])
def test_every_page_exists_in_every_language(shop: Shop, visitor: httpx.Client, language: str) -> None:
    shop.course("tabla", access_days=30)
    paid = shop.bought(course_id="tabla")["order_id"]
    waiting = shop.buy().json()["order_id"]
    sign_in(shop, visitor)
    for path in (
        "/",
        "/courses/ragas",
        "/courses/tabla",
        "/terms",
        "/orders",
        "/nothing-here",
        "/courses/nothing-here",
        f"/checkout/success?order={paid}",
        f"/checkout/success?order={waiting}",
        f"/checkout/cancel?order={waiting}",
        f"/checkout/cancel?order={paid}",
    ):
        page = visitor.get(path, headers={"Accept-Language": language})
        assert f'<html lang="{language}">' in page.text, path
        assert page.status_code == (404 if "nothing" in path else 200), path
        assert not re.search(r"%\(|Terms of sale", page.text), path


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_every_page_is_strict_and_readable_for_everybody(shop: Shop, visitor: httpx.Client) -> None:
    order_id = shop.buy().json()["order_id"]
    paths = ["/", "/courses/ragas", "/terms", "/nothing-here"]
    sign_in(shop, visitor)
    paths += ["/orders", f"/checkout/success?order={order_id}", f"/checkout/cancel?order={order_id}"]
    for path in paths:
        page = visitor.get(path)
        assert page.headers["content-type"] == "text/html; charset=utf-8", path
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert f"form-action 'self' {shop.stripe.url}" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        reader = _Reader()
        reader.feed(page.text)
        names = [tag for tag, _ in reader.tags]
        assert names.count("h1") == 1, path
        assert "main" in names
        assert all("src" in attrs for tag, attrs in reader.tags if tag == "script")
        assert any(tag == "html" and attrs.get("lang") == "en" for tag, attrs in reader.tags)
        labelled = {attrs.get("for") for tag, attrs in reader.tags if tag == "label"}
        for tag, attrs in reader.tags:
            assert "style" not in attrs
            assert not any(name.startswith("on") for name in attrs)
            if tag in ("input", "select") and attrs.get("type") != "hidden":
                assert attrs.get("id") in labelled, (path, attrs)


def test_the_style_is_served_for_long_and_changes_its_address_with_its_content(
    shop: Shop, visitor: httpx.Client
) -> None:
    found = re.search(r'href="(/static/pages\.[0-9a-f]+\.css)"', visitor.get("/").text)
    assert found is not None
    style = visitor.get(found[1])
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]


def test_machines_get_problems_and_people_get_pages(shop: Shop, visitor: httpx.Client) -> None:
    assert visitor.get("/nothing-here").headers["content-type"].startswith("text/html")
    assert shop.http.get("/nothing-here").headers["content-type"] == "application/problem+json"
    assert visitor.get("/v1/nothing-here").headers["content-type"] == "application/problem+json"
