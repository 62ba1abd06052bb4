"""The storefront in a browser: accessible, and the same with and without JavaScript."""

from collections.abc import Iterator
from typing import Any

import accessibility
import pytest
from checkout_shop import Shop
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from _opened(browser)


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A browser in which JavaScript is switched off."""
    yield from _opened(browser, java_script_enabled=False)


def _opened(browser: Browser, **options: Any) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", **options)
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    context.close()


def sign_in(page: Page, shop: Shop) -> None:
    token = shop.issuer.token("usr_asha", "asha@example.com")
    page.context.add_cookies([{"name": "masterji", "value": token, "url": shop.url}])


def more_courses(shop: Shop) -> None:
    """One more page of courses than the first."""
    for number in range(25):
        shop.course(f"c{number}", title=f"Course {number + 1:02}")


def test_no_page_for_visitors_violates_a_rule_of_accessibility(page: Page, shop: Shop) -> None:
    more_courses(shop)
    for path in ("/", "/courses/ragas", "/terms", "/nothing-here"):
        page.goto(f"{shop.url}{path}")
        assert accessibility.violations(page) == [], path


def test_no_page_for_buyers_violates_a_rule_of_accessibility(page: Page, shop: Shop) -> None:
    shop.course("tabla", title="Tabla, from the first stroke to your first solo performance")
    paid = shop.bought(course_id="tabla")
    waiting = shop.buy().json()
    sign_in(page, shop)
    for path in (
        "/courses/ragas",
        "/orders",
        f"/checkout/success?order={paid['order_id']}",
        f"/checkout/success?order={waiting['order_id']}",
        f"/checkout/cancel?order={waiting['order_id']}",
    ):
        page.goto(f"{shop.url}{path}")
        assert accessibility.violations(page) == [], path
    page.goto(f"{shop.url}/courses/ragas")
    page.evaluate("document.querySelector('#accept').required = false")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_text("Please accept the terms of sale")).to_be_visible()
    assert accessibility.violations(page) == []


def test_paging_replaces_the_list_moves_the_focus_and_keeps_the_address(page: Page, shop: Shop) -> None:
    more_courses(shop)
    page.goto(f"{shop.url}/")
    page.evaluate("window.loadedOnce = true")
    page.get_by_role("link", name="More courses").click()
    expect(page.get_by_role("heading", name="Ragas for beginners")).to_be_visible()
    expect(page.get_by_role("heading", name="Course 01")).not_to_be_visible()
    assert page.evaluate("window.loadedOnce") is True
    assert page.evaluate("document.activeElement.id") == "courses"
    assert "cursor=" in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Course 01")).to_be_visible()


def test_the_return_page_shows_the_payment_without_a_reload(page: Page, shop: Shop) -> None:
    order = shop.buy().json()
    sign_in(page, shop)
    page.goto(f"{shop.url}/checkout/success?order={order['order_id']}")
    expect(page.get_by_role("heading", name="Waiting for confirmation")).to_be_visible()
    page.evaluate("window.loadedOnce = true")
    shop.stripe.pay(order["session_id"])
    shop.deliver()
    expect(page.get_by_role("heading", name="Your course is ready")).to_be_focused()
    assert page.evaluate("window.loadedOnce") is True


def test_without_javascript_lists_page_and_the_return_page_shows_the_payment(
    plain_page: Page, shop: Shop
) -> None:
    more_courses(shop)
    plain_page.goto(f"{shop.url}/")
    plain_page.get_by_role("link", name="More courses").click()
    expect(plain_page.get_by_role("heading", name="Ragas for beginners")).to_be_visible()
    order = shop.buy().json()
    sign_in(plain_page, shop)
    plain_page.goto(f"{shop.url}/checkout/success?order={order['order_id']}")
    shop.stripe.pay(order["session_id"])
    shop.deliver()
    expect(plain_page.get_by_role("heading", name="Your course is ready")).to_be_visible()


def test_the_pages_load_nothing_that_their_policy_forbids(page: Page, shop: Shop) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    sign_in(page, shop)
    for path in ("/", "/courses/ragas", "/orders"):
        page.goto(f"{shop.url}{path}")
        page.wait_for_load_state("networkidle")
    assert complaints == []
