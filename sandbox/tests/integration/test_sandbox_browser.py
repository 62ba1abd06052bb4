"""The hosted payment page and the portal in a real browser, on a desktop and on a phone."""

import re
from typing import Any

import pytest
from card_form import BANK_ASKS, DECLINED, GOOD, fill_page
from playwright.sync_api import Browser, Page, expect
from sandbox_server import Running, line

pytestmark = pytest.mark.browser


def subscription(**changes: Any) -> dict[str, Any]:
    """A session that sells one subscription."""
    item: Any = line(2000, name="All courses")
    item["price_data"]["recurring"] = {"interval": "month"}
    return {"mode": "subscription", "payment_intent_data": None, "line_items": [item], **changes}


def session(sandbox: Running, page: Page, **changes: Any) -> Any:
    """A session whose shop pages are served by the sandbox, with its payment page open."""
    urls = {
        "success_url": f"{sandbox.url}/?thanks={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{sandbox.url}/?cart",
    }
    made = sandbox.session(**{**urls, **changes})
    page.goto(str(made.url))
    return made


def status(sandbox: Running, made: Any) -> Any:
    return sandbox.client.v1.checkout.sessions.retrieve(made.id).status


def test_decline_retry_promotion_terms_and_the_bank(sandbox: Running, page: Page) -> None:
    v1 = sandbox.client.v1
    coupon = v1.coupons.create({"percent_off": 25, "name": "Spring"}).id
    v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "SPRING"})
    made = session(
        sandbox, page, allow_promotion_codes=True, consent_collection={"terms_of_service": "required"}
    )
    expect(page.locator("#total")).to_have_text("19.90 USD")
    fill_page(page, DECLINED)
    expect(page.get_by_label("Card number")).to_have_value("4000 0000 0000 0002")
    expect(page.get_by_label("Expiry")).to_have_value("12 / 34")
    page.get_by_role("button", name="Pay 19.90 USD").click()
    expect(page.locator("#terms-error")).to_contain_text("Please accept the terms")
    expect(page.get_by_label("I agree")).to_be_focused()
    page.get_by_label("I agree").check()
    fill_page(page, DECLINED)
    page.locator("#submit").click()
    expect(page.locator("#card-error")).to_contain_text("Your card was declined. You can try again")
    expect(page.get_by_label("Email")).to_have_value("anna@example.com")
    expect(page.get_by_label("Card number")).to_have_value("")
    page.get_by_label("Promotion code").fill("winter")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#promotion-error")).to_have_text("This code is invalid.")
    page.get_by_label("Promotion code").fill("spring")
    page.keyboard.press("Enter")
    expect(page.locator("#discount")).to_contain_text("25")
    expect(page.locator("#total")).to_have_text("14.92 USD")
    page.get_by_role("button", name="Remove the promotion code").click()
    expect(page.locator("#total")).to_have_text("19.90 USD")
    page.get_by_label("Promotion code").fill("spring")
    page.keyboard.press("Enter")
    for outcome in ("fail", "complete"):
        fill_page(page, BANK_ASKS)
        page.get_by_label("I agree").check()
        page.get_by_role("button", name="Pay 14.92 USD").click()
        expect(page.locator("#question")).to_contain_text("14.92 USD")
        page.locator(f"#{outcome}").click()
        if outcome == "fail":
            expect(page.locator("#card-error")).to_contain_text("unable to authenticate")
    page.wait_for_url(f"**/?thanks={made.id}")
    assert status(sandbox, made) == "complete"
    page.goto(str(made.url))
    expect(page.get_by_role("heading", name="You're all done here")).to_be_visible()


def test_payment_page_shows_current_and_later_costs_of_a_subscription(sandbox: Running, page: Page) -> None:
    made = session(sandbox, page, **subscription(subscription_data={"trial_period_days": 14}))
    expect(page.get_by_text("Subscribe to All courses")).to_be_visible()
    expect(page.locator("#total")).to_contain_text("Free until")
    expect(page.locator("#then")).to_contain_text("Then 20.00 USD every month")
    expect(page.get_by_text("Total due today")).to_be_visible()
    fill_page(page)
    page.get_by_role("button", name="Start trial").click()
    page.wait_for_url("**/?thanks=*")
    assert status(sandbox, made) == "complete"


def test_payment_form_works_by_keyboard_only(sandbox: Running, page: Page) -> None:
    made = session(sandbox, page)
    page.get_by_label("Email").focus()
    for text in ("anna@example.com", GOOD, "1234", "123", "Anna Ek"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.get_by_label("Country")).to_be_focused()
    page.keyboard.type("Sweden")
    page.get_by_label("CVC").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?thanks=*")
    details = sandbox.client.v1.checkout.sessions.retrieve(made.id).customer_details
    assert details is not None
    assert details.address is not None
    assert details.address.country == "SE"


def test_payment_page_works_without_javascript(sandbox: Running, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    made = session(sandbox, page)
    fill_page(page)
    page.locator("#submit").click()
    page.wait_for_url("**/?thanks=*")
    assert status(sandbox, made) == "complete"
    context.close()


@pytest.mark.parametrize(
    "path", ["payment", "bank", "portal", "invoice", "dashboard", "payments", "object", "webhooks"]
)
def test_pages_fit_the_width_of_a_phone(sandbox: Running, browser: Browser, path: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page = context.new_page()
    long = "A course with a very long name, " + "x" * 60
    made = sandbox.session(line_items=[line(name=long)], allow_promotion_codes=True)
    waiting = sandbox.pay(sandbox.session().id, BANK_ASKS, three_d_secure="leave")["payment_intent"]["id"]
    portal, invoice = customer(sandbox)
    for address in (
        str(made.url),
        f"{sandbox.url}/3ds/{waiting}",
        portal,
        invoice,
        sandbox.url,
        f"{sandbox.url}/dashboard/payments",
        f"{sandbox.url}/dashboard/objects/{waiting}",
        f"{sandbox.url}/dashboard/webhooks",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    context.close()


def customer(sandbox: Running) -> tuple[str, str]:
    """A customer whose renewal failed: the addresses of the portal and of the invoice."""
    v1 = sandbox.client.v1
    id_ = v1.customers.create({"email": "anna@example.com", "name": "Anna Ek"}).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": id_}).id
    v1.customers.update(id_, {"invoice_settings": {"default_payment_method": card}})
    product = v1.products.create({"name": "All courses"}).id
    prices = [sandbox.price(2000, "month", product), sandbox.price(20000, "year", product)]
    made = v1.subscriptions.create({"customer": id_, "items": [{"price": prices[0]}]}).id
    sandbox.control(f"subscriptions/{made}/renew", {"outcome": "fail"})
    features: Any = {
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": product, "prices": prices}],
        },
        "customer_update": {"enabled": True, "allowed_updates": ["email", "name"]},
    }
    configuration = v1.billing_portal.configurations.create({"features": features}).id
    portal = v1.billing_portal.sessions.create(
        {"customer": id_, "configuration": configuration, "return_url": f"{sandbox.url}/?account"}
    )
    invoice: Any = v1.subscriptions.retrieve(made, {"expand": ["latest_invoice"]}).latest_invoice
    return portal.url, invoice.hosted_invoice_url


def test_customer_pays_switches_plan_cancels_and_resumes(sandbox: Running, page: Page) -> None:
    portal, _ = customer(sandbox)
    page.goto(portal)
    expect(page.get_by_text("The last payment failed")).to_be_visible()
    page.get_by_role("link", name="Pay 20.00 USD").click()
    page.get_by_label("Card number").fill("5555555555554444")
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_role("button", name="Pay 20.00 USD").click()
    expect(page.locator("#status")).to_have_text("This invoice is paid.")

    page.goto(portal)
    expect(page.get_by_text(re.compile("Active, renews on"))).to_be_visible()
    page.get_by_label("Switch to").select_option(label="All courses, 200.00 USD per year")
    page.get_by_role("button", name="Switch").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("200.00 USD per year").first).to_be_visible()

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile("You can use it until"))).to_be_visible()
    page.get_by_role("button", name="Cancel subscription").click()
    expect(page.get_by_text(re.compile("Ends on"))).to_be_visible()
    page.get_by_role("button", name="Keep subscription").click()
    expect(page.get_by_text(re.compile("renews on"))).to_be_visible()


def test_customer_manages_cards_and_invoices(sandbox: Running, page: Page) -> None:
    portal, _ = customer(sandbox)
    page.goto(portal)
    for number, message in ((DECLINED, "Your card was declined."), ("4111111111111111", "non test card")):
        page.get_by_label("Add a card").fill(number)
        page.get_by_label("Expiry").fill("12/34")
        page.get_by_label("CVC").fill("123")
        page.get_by_role("button", name="Add card").click()
        expect(page.get_by_role("alert")).to_contain_text(message)
    page.get_by_label("Add a card").fill(BANK_ASKS)
    page.get_by_label("Expiry").fill("12/34")
    page.get_by_label("CVC").fill("123")
    page.get_by_role("button", name="Add card").click()
    page.locator("#complete").click()
    expect(page.get_by_text("Visa •••• 3220 12/2034 · default")).to_be_visible()
    page.get_by_role("button", name="Make the card ending in 4242 the default").click()
    expect(page.get_by_text("Visa •••• 4242 12/2034 · default")).to_be_visible()
    page.get_by_role("button", name="Remove the card ending in 3220").click()
    expect(page.get_by_text("Visa •••• 3220")).to_have_count(0)
    page.get_by_label("Name").fill("Anna Berg")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Anna Berg anna@example.com")).to_be_visible()
    page.locator("section[aria-labelledby=invoices] a").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Invoice "))).to_be_visible()


CONTRAST = """() => {
    const parse = (text) => { const found = text.match(/[\\d.]+/g).map(Number); return found; };
    const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
        .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
            if (a === 1) { return [r, g, b]; }
        }
        return [255, 255, 255];
    };
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || element.checkVisibility?.() === false || element.closest(".hidden, .skip")) { continue; }
        const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (ratio < 4.5) { poor.push(`${ratio.toFixed(1)} ${element.outerHTML.slice(0, 80)}`); }
    }
    const bare = [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
        .filter((one) => !(one.labels?.length || one.getAttribute("aria-label") || one.textContent.trim()))
        .map((one) => one.outerHTML.slice(0, 80));
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    return {poor, bare, twice, lang: document.documentElement.lang};
}"""


def test_pages_have_enough_contrast_and_named_controls(sandbox: Running, page: Page) -> None:
    portal, invoice = customer(sandbox)
    sandbox.pay(sandbox.session().id, DECLINED)
    waiting = sandbox.pay(sandbox.session().id, BANK_ASKS, three_d_secure="leave")["payment_intent"]["id"]
    made = sandbox.session(allow_promotion_codes=True, consent_collection={"terms_of_service": "required"})
    paid = sandbox.pay(sandbox.session().id)["payment_intent"]["id"]
    event = sandbox.client.v1.events.list().data[0].id
    sections = ("payments", "checkout", "subscriptions", "events", "deliveries", "webhooks", "sandbox")
    for address in (
        str(made.url),
        f"{sandbox.url}/3ds/{waiting}",
        portal,
        invoice,
        f"{sandbox.url}/receipts/{paid}",
        sandbox.url,
        *(f"{sandbox.url}/dashboard/{name}" for name in sections),
        f"{sandbox.url}/dashboard/objects/{paid}",
        f"{sandbox.url}/dashboard/objects/{event}",
        f"{sandbox.url}/dashboard/search?q=cs_",
    ):
        page.goto(address)
        found = page.evaluate(CONTRAST)
        assert found == {"poor": [], "bare": [], "twice": [], "lang": "en"}, address
