"""A user buys a course in a browser: storefront, sign-in, payment page, and back."""

import invariants
import pytest
from playwright.sync_api import Page, expect

from devstack.client import User
from devstack.testing.stack import RunningStack

pytestmark = pytest.mark.browser


@pytest.fixture
def payment_page(page: Page, running_stack: RunningStack, buyer: User, course: str) -> Page:
    """The page on which the signed-in buyer pays for the course."""
    _sign_in(page, running_stack, buyer)
    page.goto(running_stack.client.url("checkout", f"/courses/{course}"))
    page.get_by_label("I accept the").check()
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("heading", name="Pay with card")).to_be_visible()
    return page


def _sign_in(page: Page, stack: RunningStack, user: User) -> None:
    """Sign in like the sign-in page: its form posts a token to the storefront."""
    page.goto(stack.client.url("checkout", "/sign-in?return_to=/"))
    form = page.locator("form").first
    form.locator("input[name=token]").evaluate("(input, token) => { input.value = token }", user.token)
    form.locator("button").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _pay(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("Asha Rao")
    page.locator("#submit").click()


def test_an_anonymous_visitor_signs_in_before_buying(
    page: Page, running_stack: RunningStack, course: str
) -> None:
    page.goto(running_stack.client.url("checkout", f"/courses/{course}"))
    page.get_by_role("link", name="Sign in to buy").click()
    page.get_by_role("button", name="Ben, a student").click()
    expect(page).to_have_url(running_stack.client.url("checkout", f"/courses/{course}"))
    expect(page.get_by_role("button", name="Buy now")).to_be_visible()


def test_a_purchase_succeeds_after_a_declined_card(
    payment_page: Page, running_stack: RunningStack, buyer: User, course: str
) -> None:
    page = payment_page
    _pay(page, "4000000000000002")
    expect(page.locator("#card-error")).to_contain_text("declined")
    _pay(page, "4242424242424242")
    expect(page.get_by_role("heading", name="Your course is ready")).to_be_visible()
    page.get_by_role("link", name="Go to the course").click()
    running_stack.eventually("access", lambda: running_stack.client.access(buyer, course)["access"])

    def owned() -> bool:
        page.reload()
        return page.get_by_text("You own this").is_visible()

    running_stack.eventually("the storefront shows the purchase", owned)
    page.goto(running_stack.client.url("checkout", "/orders"))
    expect(page.get_by_text("End to end").first).to_be_visible()
    invariants.check(running_stack)


def test_three_d_secure_is_completed_on_the_page_of_the_bank(
    payment_page: Page, running_stack: RunningStack, buyer: User, course: str
) -> None:
    page = payment_page
    _pay(page, "4000000000003220")
    page.wait_for_url("**/3ds/**")
    page.locator("button").first.click()
    expect(page.get_by_role("heading", name="Your course is ready")).to_be_visible()
    running_stack.eventually("access", lambda: running_stack.client.access(buyer, course)["access"])


def test_the_inbox_shows_the_mail(page: Page, running_stack: RunningStack, buyer: User, course: str) -> None:
    order = running_stack.client.checkout(buyer, course)
    assert running_stack.client.pay(order["session_id"])["status"] == "succeeded"
    running_stack.eventually("the mail", lambda: running_stack.client.mails(buyer.email))
    page.goto(running_stack.client.inbox)
    page.locator("tr", has_text=buyer.email).get_by_role("link").first.click()
    expect(page.frame_locator("iframe").get_by_text("End to end").first).to_be_visible()
