"""A checkout that the shop's page builds from Elements, based on a Checkout Session."""

from typing import Any

import pytest
from card_form import BANK_ASKS, GOOD, POOR, bank, fill_element, payment_element
from playwright.sync_api import Page, expect
from sandbox_server import Running, line
from shop_server import Shop

pytestmark = pytest.mark.browser


def sells(sandbox: Running, shop: Shop, **changes: Any) -> list[Any]:
    return shop.sells(sandbox, **{"ui_mode": "elements", **changes})


def found(sandbox: Running, made: list[Any]) -> Any:
    return sandbox.client.v1.checkout.sessions.retrieve(
        made[-1].id, {"expand": ["payment_intent.payment_method"]}
    )


def pay(page: Page, number: str = GOOD) -> None:
    fill_element(page, number)
    page.locator("#submit").click()


def test_buyer_pays_and_returns_to_the_shop(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop)
    page.goto(f"{shop.url}/elements.html")
    expect(page.locator("#total")).to_have_text("$19.90")
    fill_element(page)
    expect(page.locator("#submit")).to_be_disabled()
    page.locator("#email").fill("anna@example.com")
    page.locator("#email").blur()
    page.locator("#submit").click()
    page.wait_for_url(f"{shop.url}/complete.html?session={made[0].id}")
    session = found(sandbox, made)
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert session.customer_details.email == "anna@example.com"
    assert session.customer_details.address.postal_code == "94110"
    assert session.payment_intent.payment_method.billing_details.email == "anna@example.com"


def test_invalid_email_is_reported(sandbox: Running, shop: Shop, page: Page) -> None:
    sells(sandbox, shop)
    page.goto(f"{shop.url}/elements.html")
    expect(payment_element(page).get_by_label("Card number")).to_be_visible()
    for text, message in (
        ("anna", "Your email is incomplete."),
        ("anna@", "Your email is invalid."),
        ("anna@example.com", ""),
    ):
        page.locator("#email").fill(text)
        page.locator("#email").blur()
        expect(page.locator("#email-errors")).to_have_text(message)


def test_email_set_by_the_shop_cannot_be_changed(sandbox: Running, shop: Shop, page: Page) -> None:
    sells(sandbox, shop, customer_email="anna@example.com")
    page.goto(f"{shop.url}/elements.html")
    expect(payment_element(page).get_by_label("Card number")).to_be_visible()
    result = page.evaluate("actions.updateEmail('other@example.com')")
    assert "was set on the server" in result["error"]["message"]
    assert page.evaluate("actions.getSession().email") == "anna@example.com"


def test_decline_is_reported_and_another_card_pays(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop, customer_email="anna@example.com")
    page.goto(f"{shop.url}/elements.html#stay")
    pay(page, POOR)
    expect(page.locator("#payment-message")).to_have_text("Your card has insufficient funds.")
    error = page.evaluate("result.error")
    assert (error["code"], error["paymentFailed"]) == ("paymentFailed", {"declineCode": "insufficient_funds"})
    assert page.evaluate("actions.getSession().lastPaymentError") == {"message": error["message"]}
    assert found(sandbox, made).status == "open"
    pay(page)
    expect(page.locator("#payment-message")).to_have_text("Thank you!")
    assert page.evaluate("result.session.status") == {"type": "complete", "paymentStatus": "paid"}
    expect(page.locator("#submit")).to_be_disabled()
    assert found(sandbox, made).status == "complete"


@pytest.mark.parametrize(
    ("outcome", "said"), [("complete", "Thank you!"), ("fail", "unable to authenticate")]
)
def test_three_d_secure_opens_a_dialog(
    sandbox: Running, shop: Shop, page: Page, outcome: str, said: str
) -> None:
    made = sells(sandbox, shop, customer_email="anna@example.com")
    page.goto(f"{shop.url}/elements.html#stay")
    pay(page, BANK_ASKS)
    bank(page).locator(f"#{outcome}").click()
    expect(page.locator("#payment-message")).to_contain_text(said)
    assert found(sandbox, made).status == ("complete" if outcome == "complete" else "open")


def test_promotion_codes(sandbox: Running, shop: Shop, page: Page) -> None:
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 50, "name": "Half price"}).id
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "HALF"})
    least: Any = {"minimum_amount": 100_000, "minimum_amount_currency": "usd"}
    v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon}, "code": "MUCH", "restrictions": least}
    )
    made = sells(sandbox, shop, customer_email="anna@example.com", allow_promotion_codes=True)
    page.goto(f"{shop.url}/elements.html#stay")
    expect(page.locator("#total")).to_have_text("$19.90")
    for code, says in (("NOTHING", "invalidCode: "), ("MUCH", "promotionCodeAmountInsufficient: ")):
        page.locator("#promotion-code").fill(code)
        page.locator("#apply").click()
        expect(page.locator("#promotion-errors")).to_contain_text(says)
    page.locator("#promotion-code").fill("half")
    page.locator("#apply").click()
    expect(page.locator("#total")).to_have_text("$9.95")
    discount = page.evaluate("actions.getSession().discountAmounts[0]")
    assert (discount["amount"], discount["displayName"], discount["promotionCode"]) == (
        "$9.95",
        "Half price",
        "HALF",
    )
    page.locator("#remove").click()
    expect(page.locator("#total")).to_have_text("$19.90")
    page.locator("#apply").click()
    expect(page.locator("#total")).to_have_text("$9.95")
    pay(page)
    expect(page.locator("#payment-message")).to_have_text("Thank you!")
    assert found(sandbox, made).amount_total == 995


def test_a_change_by_the_shop_s_server_is_fetched(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop, customer_email="anna@example.com")
    page.goto(f"{shop.url}/elements.html")
    expect(payment_element(page).get_by_label("Card number")).to_be_visible()

    def expire() -> dict[str, Any]:
        sandbox.client.v1.checkout.sessions.expire(made[0].id)
        return {}

    shop.answers["/give-up"] = expire
    result = page.evaluate("actions.runServerUpdate(() => fetch('/give-up', {method: 'POST'}))")
    assert result["session"]["status"] == {"type": "expired"}
    assert result["session"]["canConfirm"] is False


def test_amounts_of_other_currencies_and_of_a_subscription(sandbox: Running, shop: Shop, page: Page) -> None:
    item: Any = line(1500, "jpy", name="All courses")
    item["price_data"]["recurring"] = {"interval": "month"}
    sells(sandbox, shop, mode="subscription", payment_intent_data=None, line_items=[item])
    page.goto(f"{shop.url}/elements.html")
    expect(page.locator("#total")).to_have_text("¥1,500")
    session = page.evaluate("actions.getSession()")
    assert session["minorUnitsAmountDivisor"] == 1
    assert session["recurring"]["dueNext"]["total"]["amount"] == "¥1,500"
    assert session["lineItems"][0]["recurring"] == {
        "interval": "month",
        "intervalCount": 1,
        "usageType": "licensed",
    }


def test_confirm_fails_if_the_page_has_not_read_the_total(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop, customer_email="anna@example.com")
    page.goto(f"{shop.url}/elements.html")
    expect(payment_element(page).get_by_label("Card number")).to_be_visible()
    said = page.evaluate(
        """async (clientSecret) => {
            const {actions} = await stripe.initCheckoutElementsSdk({clientSecret}).loadActions();
            const tried = async (what) => {
                try { return await what(); } catch (error) { return error.message; }
            };
            const blind = await tried(() => actions.confirm({paymentMethod: "pm_card_visa"}));
            const {currency, minorUnitsAmountDivisor, total} = actions.getSession();
            void total.total.minorUnitsAmount;
            const options = {paymentMethod: "pm_card_visa", redirect: "if_required"};
            const seeing = await tried(() => actions.confirm(options));
            const unmodelled = await tried(() => actions.updateShippingAddress(null));
            return [blind, seeing.type, unmodelled];
        }""",
        made[0].client_secret,
    )
    assert "You must read total.total.amount" in said[0]
    assert said[1] == "success"
    assert "does not model actions.updateShippingAddress()" in said[2]


def test_entries_in_elements_and_actions_reach_the_session(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(
        sandbox,
        shop,
        billing_address_collection="required",
        phone_number_collection={"enabled": True},
    )
    shop.pages["/own.html"] = (
        '<script src="https://js.stripe.com/endive/stripe.js"></script>'
        '<div id="contact"></div><div id="address"></div><div id="payment"></div><p id="heard"></p>'
        '<script src="/own.js"></script>'
    )
    shop.pages["/own.js"] = """
        (async () => {
            const {clientSecret} = await (await fetch("/create-checkout-session", {method: "POST"})).json();
            const checkout = Stripe("pk_test_shop").initCheckoutElementsSdk({clientSecret});
            checkout.on("change", ({email, billingAddress, canConfirm}) => {
                heard.textContent = `${email} ${billingAddress?.address.city} ${canConfirm}`;
            });
            window.actions = (await checkout.loadActions()).actions;
            checkout.createContactDetailsElement().mount("#contact");
            checkout.createBillingAddressElement().mount("#address");
            checkout.createPaymentElement({fields: {billingDetails: {address: "never"}}}).mount("#payment");
            window.same = checkout.getPaymentElement() === checkout.getPaymentElement();
        })();
    """
    page.goto(f"{shop.url}/own.html")
    page.frame_locator('iframe[title="Secure email input frame"]').get_by_label("Email").fill(
        "anna@example.com"
    )
    address = page.frame_locator('iframe[title="Secure address input frame"]')
    address.get_by_label("Full name").fill("Anna Ek")
    address.get_by_label("Country").select_option("SE")
    address.get_by_label("Address line 1").fill("Storgatan 1")
    address.get_by_label("City").fill("Lund")
    address.get_by_label("Postal code").fill("222 22")
    frame = payment_element(page)
    expect(frame.get_by_label("Country")).to_have_count(0)
    frame.get_by_label("Card number").fill(GOOD)
    frame.get_by_label("Expiration date").fill("1234")
    frame.get_by_label("Security code").fill("123")
    expect(page.locator("#heard")).to_have_text("anna@example.com Lund false")
    page.evaluate("actions.updatePhoneNumber('+46 8 1')")
    expect(page.locator("#heard")).to_have_text("anna@example.com Lund true")
    result = page.evaluate(
        "(void actions.getSession().total.total.amount, actions.confirm({redirect: 'if_required'}))"
    )
    assert result["type"] == "success", result
    session = found(sandbox, made)
    assert session.customer_details.address.line1 == "Storgatan 1"
    assert session.customer_details.phone == "+46 8 1"
    assert session.payment_intent.payment_method.billing_details.name == "Anna Ek"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ui_mode": "embedded_page"}, "ui_mode: embedded_page"),
        ({"ui_mode": "elements", "wrong": "cs_test_none_secret_x"}, "No such checkout.session"),
        ({"ui_mode": "elements", "wrong": "pi_1_secret_2"}, "should be that of a Checkout Session"),
    ],
)
def test_load_actions_reports_a_wrong_secret(
    sandbox: Running, shop: Shop, page: Page, changes: dict[str, str], says: str
) -> None:
    wrong = changes.pop("wrong", None)
    sells(sandbox, shop, **changes)
    if wrong is not None:
        shop.answers["/create-checkout-session"] = lambda: {"clientSecret": wrong}
    page.goto(f"{shop.url}/elements.html")
    expect(page.locator("#payment-message")).to_contain_text(says)


def test_nothing_to_pay_needs_no_card(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(
        sandbox, shop, line_items=[line(0)], customer_email="anna@example.com", payment_intent_data=None
    )
    page.goto(f"{shop.url}/elements.html")
    # The Element grows while it loads and moves the content below it.
    expect(payment_element(page).get_by_label("Card number")).to_be_visible()
    expect(page.locator("#submit")).to_be_enabled()
    page.locator("#submit").click()
    page.wait_for_url("**/complete.html*")
    assert found(sandbox, made).payment_status == "no_payment_required"
