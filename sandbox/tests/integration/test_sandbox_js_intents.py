"""Pages written for Stripe.js pay intents with the Payment Element and with card Elements."""

from typing import Any

import pytest
from card_form import BANK_ASKS, DECLINED, GOOD, bank, fill_element, pay_now, payment_element
from playwright.sync_api import Page, expect
from sandbox_server import Running
from shop_server import Shop

pytestmark = pytest.mark.browser


@pytest.fixture
def intents(sandbox: Running, shop: Shop) -> list[Any]:
    """The intents that the shop's server creates, newest last."""
    made: list[Any] = []

    def create() -> dict[str, Any]:
        made.append(sandbox.client.v1.payment_intents.create({"amount": 1990, "currency": "usd"}))
        return {"clientSecret": made[-1].client_secret}

    shop.answers["/create-intent"] = create
    return made


def current(sandbox: Running, intents: list[Any]) -> Any:
    return sandbox.client.v1.payment_intents.retrieve(intents[-1].id, {"expand": ["payment_method"]})


@pytest.mark.parametrize("query", ["", "?deferred"])
def test_buyer_pays_with_the_payment_element_and_returns(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any], query: str
) -> None:
    page.goto(f"{shop.url}/intent.html{query}")
    pay_now(page)
    page.wait_for_url("**/complete.html?*")
    assert "redirect_status=succeeded" in page.url
    assert f"payment_intent={intents[-1].id}" in page.url
    expect(page.locator("#status")).to_have_text("succeeded")
    paid = current(sandbox, intents)
    assert paid.payment_method.card.last4 == "4242"
    assert paid.payment_method.billing_details.address.postal_code == "94110"
    assert len(intents) == 1


def test_decline_is_reported_and_another_card_pays(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any]
) -> None:
    page.goto(f"{shop.url}/intent.html?stay")
    pay_now(page, DECLINED)
    expect(page.locator("#payment-message")).to_have_text("card_error/card_declined: Your card was declined.")
    error = page.evaluate("result.error")
    assert error["decline_code"] == "generic_decline"
    assert error["payment_intent"]["id"] == intents[0].id
    assert error["payment_method"]["card"]["last4"] == "0002"
    assert "metadata" not in error["payment_intent"]
    pay_now(page, GOOD)
    expect(page.locator("#payment-message")).to_have_text("succeeded")
    assert page.url.endswith("?stay"), "no redirect was required"
    assert current(sandbox, intents).status == "succeeded"


WRONG = [
    ("", "1234", "123", "incomplete_number", "Your card number is incomplete."),
    ("424242424242424", "1234", "123", "incomplete_number", "Your card number is incomplete."),
    ("4242424242424241", "1234", "123", "invalid_number", "Your card number is invalid."),
    (GOOD, "0120", "123", "invalid_expiry_year_past", "Your card's expiration year is in the past."),
    (GOOD, "1", "123", "incomplete_expiry", "Your card's expiration date is incomplete."),
    (GOOD, "1334", "123", "incomplete_expiry", "Your card's expiration date is incomplete."),
    (GOOD, "1234", "12", "incomplete_cvc", "Your card's security code is incomplete."),
    ("378282246310005", "1234", "123", "incomplete_cvc", "Your card's security code is incomplete."),
]


def test_invalid_field_is_reported_before_submission(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any]
) -> None:
    page.goto(f"{shop.url}/intent.html?stay")
    for number, expiry, cvc, code, message in WRONG:
        fill_element(page, number, expiry, cvc)
        page.get_by_role("button", name="Pay now").click()
        expect(page.locator("#payment-message")).to_have_text(f"validation_error/{code}: {message}")
        expect(payment_element(page).get_by_role("alert")).to_have_text(message)
    assert current(sandbox, intents).status == "requires_payment_method"
    assert [event.type for event in sandbox.client.v1.events.list().data] == ["payment_intent.created"]


def test_number_of_no_test_card_is_refused_and_not_stored(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any]
) -> None:
    page.goto(f"{shop.url}/intent.html?stay")
    pay_now(page, "4111111111111111")
    expect(page.locator("#payment-message")).to_contain_text("non test card")
    assert page.evaluate("result.error.decline_code") == "test_mode_live_card"
    store = sandbox.app.state.server.sandbox.store
    dump = "\n".join(store.db.iterdump())
    assert "4111111111111111" not in dump
    assert "1111" not in dump, "not even its last digits"
    assert sandbox.client.v1.payment_methods.list().data == []


@pytest.mark.parametrize(("outcome", "said"), [("complete", "succeeded"), ("fail", "unable to authenticate")])
def test_three_d_secure_opens_a_dialog(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any], outcome: str, said: str
) -> None:
    page.goto(f"{shop.url}/intent.html?stay")
    pay_now(page, BANK_ASKS)
    expect(bank(page).locator("#question")).to_contain_text("19.90 USD")
    page.keyboard.press("Escape")
    expect(bank(page).locator("#question")).to_be_visible()
    bank(page).locator(f"#{outcome}").click()
    expect(page.locator("#payment-message")).to_contain_text(said)
    expect(page.locator("dialog")).to_have_count(0)
    if outcome == "fail":
        error = page.evaluate("result.error")
        assert error["code"] == "payment_intent_authentication_failure"
        assert error["payment_intent"]["status"] == "requires_payment_method"
    # The dialog can also be used with the keyboard only.
    if outcome == "complete":
        assert current(sandbox, intents).status == "succeeded"


def test_the_dialog_can_be_answered_by_keyboard(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any]
) -> None:
    page.goto(f"{shop.url}/intent.html")
    pay_now(page, BANK_ASKS)
    expect(bank(page).locator("#complete")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/complete.html?*")
    assert current(sandbox, intents).status == "succeeded"


@pytest.mark.parametrize("card", [GOOD, BANK_ASKS])
def test_a_card_is_saved_by_a_setup_intent(sandbox: Running, shop: Shop, page: Page, card: str) -> None:
    customer = sandbox.client.v1.customers.create({"email": "anna@example.com"}).id
    intent = sandbox.client.v1.setup_intents.create({"customer": customer})
    shop.answers["/create-intent"] = lambda: {"clientSecret": intent.client_secret}
    page.goto(f"{shop.url}/intent.html?mode=setup")
    pay_now(page, card)
    if card == BANK_ASKS:
        expect(bank(page).locator("#question")).to_contain_text("this card may be saved")
        bank(page).locator("#complete").click()
    page.wait_for_url("**/complete.html?*")
    assert f"setup_intent={intent.id}" in page.url
    expect(page.locator("#status")).to_have_text("succeeded")
    kept = sandbox.client.v1.payment_methods.list({"customer": customer}).data
    assert [method.card.last4 for method in kept if method.card] == [card[-4:]]


def test_element_events_contain_no_card_number(shop: Shop, page: Page, intents: list[Any]) -> None:
    page.goto(f"{shop.url}/intent.html")
    expect(payment_element(page).get_by_label("Card number")).to_be_visible()
    expect(page.locator("#heard")).to_contain_text("ready")
    fill_element(page)
    expect(page.locator("#heard")).to_contain_text("change-complete")
    events = page.evaluate("events")
    assert [event["name"] for event in events][:1] == ["loaderstart"]
    assert {event["elementType"] for event in events} == {"payment"}
    last = [event for event in events if event["name"] == "change"][-1]
    assert (last["empty"], last["complete"], last["value"]) == (False, True, {"type": "card"})
    assert GOOD not in str(events), "the page does not see the number"


def test_wrong_client_secret_is_reported_when_the_element_loads(
    sandbox: Running, shop: Shop, page: Page
) -> None:
    made = sandbox.client.v1.payment_intents.create({"amount": 1990, "currency": "usd"})
    shop.answers["/create-intent"] = lambda: {"clientSecret": f"{made.id}_secret_wrong"}
    page.goto(f"{shop.url}/intent.html")
    expect(page.locator("#heard")).to_contain_text("loaderror")
    error = page.evaluate("events.find((event) => event.name === 'loaderror').error")
    assert (error["type"], error["param"]) == ("invalid_request_error", "client_secret")


@pytest.mark.parametrize("split", ["", "split"])
def test_card_elements_of_older_pages(
    sandbox: Running, shop: Shop, page: Page, intents: list[Any], split: str
) -> None:
    page.goto(f"{shop.url}/cards.html?{split}")
    expect(page.locator("#heard")).to_have_text("ready")
    container = page.locator("#card")
    expect(container).to_have_class("StripeElement StripeElement--empty")
    page.get_by_text("Card", exact=True).last.click()
    expect(container).to_have_class("StripeElement StripeElement--empty StripeElement--focus")
    page.keyboard.type("4242424242424241")
    expect(page.locator("#error")).to_have_text("Your card number is invalid.")
    expect(container).to_have_class("StripeElement StripeElement--focus StripeElement--invalid")
    assert page.evaluate("change.brand") == "visa"
    page.keyboard.press("Backspace")
    page.keyboard.type("2")
    expect(page.locator("#error")).to_have_text("")
    frames = page.frame_locator("iframe[title]")
    for label, text in (("Expiration date", "1234"), ("Security code", "123")):
        where = frames.nth(1 if label.startswith("E") else 2) if split else frames.first
        where.get_by_label(label).fill(text)
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#said")).to_have_text("succeeded")
    paid = current(sandbox, intents)
    assert paid.payment_method.billing_details.email == "anna@example.com"
    assert (paid.payment_method.card.exp_month, paid.payment_method.card.exp_year) == (12, 2034)


def test_split_fields_report_the_field_with_the_error(shop: Shop, page: Page, intents: list[Any]) -> None:
    page.goto(f"{shop.url}/cards.html?split")
    frames = page.frame_locator("iframe[title]")
    frames.first.get_by_label("Card number").fill(GOOD)
    frames.nth(1).get_by_label("Expiration date").fill("1234")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#said")).to_have_text("Your card's security code is incomplete.")


def test_the_first_invoice_of_a_subscription_is_paid_by_its_page(
    sandbox: Running, shop: Shop, page: Page
) -> None:
    v1 = sandbox.client.v1
    price = sandbox.price()
    subscription = v1.subscriptions.create(
        {
            "customer": v1.customers.create({"email": "a@example.com"}).id,
            "items": [{"price": price}],
            "payment_behavior": "default_incomplete",
            "expand": ["latest_invoice.confirmation_secret"],
        }
    )
    invoice: Any = subscription.latest_invoice
    shop.answers["/create-intent"] = lambda: {"clientSecret": invoice.confirmation_secret.client_secret}
    page.goto(f"{shop.url}/intent.html")
    pay_now(page, BANK_ASKS)
    bank(page).locator("#complete").click()
    page.wait_for_url("**/complete.html?*")
    assert v1.subscriptions.retrieve(subscription.id).status == "active"
    assert v1.invoices.retrieve(invoice.id).status == "paid"
