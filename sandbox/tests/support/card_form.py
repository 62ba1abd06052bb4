"""Fills the card forms of the sandbox as a buyer does."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Page

GOOD = "4242424242424242"
DECLINED = "4000000000000002"
POOR = "4000000000009995"
BANK_ASKS = "4000000000003220"


def payment_element(page: Page) -> FrameLocator:
    """The frame of the Payment Element."""
    return page.frame_locator('iframe[title="Secure payment input frame"]')


def fill_element(page: Page, number: str = GOOD, expiry: str = "1234", cvc: str = "123") -> None:
    """Enter a card in the Payment Element."""
    frame = payment_element(page)
    frame.get_by_label("Card number").fill(number)
    frame.get_by_label("Expiration date").fill(expiry)
    frame.get_by_label("Security code").fill(cvc)
    if frame.get_by_label("ZIP or postal code").is_visible():
        frame.get_by_label("ZIP or postal code").fill("94110")


def pay_now(page: Page, number: str = GOOD, cvc: str = "123") -> None:
    """Enter a card in the Payment Element and press the shop's button."""
    fill_element(page, number, cvc=cvc)
    page.get_by_role("button", name="Pay now").click()


def fill_page(form: Page | FrameLocator, number: str = GOOD, email: str | None = "anna@example.com") -> None:
    """Enter a card on the payment page, hosted or embedded."""
    if email is not None:
        form.get_by_label("Email").fill(email)
    form.get_by_label("Card number").fill(number)
    form.get_by_label("Expiry").fill("1234")
    form.get_by_label("CVC").fill("123")
    form.get_by_label("Name on card").fill("Anna Ek")


def bank(page: Page) -> FrameLocator:
    """The bank's question in a dialog of the shop's page."""
    return page.frame_locator('dialog iframe[title="3-D Secure"]')
