"""The embedded payment page in a shop's page."""

from typing import Any

import pytest
from card_form import BANK_ASKS, DECLINED, fill_page
from playwright.sync_api import FrameLocator, Page, expect
from sandbox_server import Running, line
from shop_server import Shop

pytestmark = pytest.mark.browser


def sells(sandbox: Running, shop: Shop, **changes: Any) -> list[Any]:
    return shop.sells(sandbox, **{"ui_mode": "embedded_page", **changes})


def form(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[name^="embedded-checkout"]')


def status(sandbox: Running, made: list[Any]) -> Any:
    return sandbox.client.v1.checkout.sessions.retrieve(made[-1].id).status


def test_buyer_pays_and_returns_to_the_shop(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop)
    page.goto(f"{shop.url}/embedded.html")
    expect(form(page).locator("#total")).to_have_text("19.90 USD")
    fill_page(form(page))
    form(page).locator("#submit").click()
    page.wait_for_url(f"{shop.url}/complete.html?session={made[0].id}")
    assert status(sandbox, made) == "complete"
    assert "checkout.session.completed" in sandbox.receiver.types(), "acknowledged before the redirect"


@pytest.mark.parametrize("redirect", ["never", "if_required"])
def test_buyer_stays_on_the_page_of_the_shop(sandbox: Running, shop: Shop, page: Page, redirect: str) -> None:
    urls = {"return_url": None} if redirect == "never" else {}
    made = sells(sandbox, shop, redirect_on_completion=redirect, **urls)
    page.goto(f"{shop.url}/embedded.html#stay")
    fill_page(form(page), BANK_ASKS)
    form(page).locator("#submit").click()
    expect(form(page).locator("#question")).to_contain_text("19.90 USD")
    form(page).locator("#complete").click()
    expect(page.locator("#done")).to_have_text("Thank you!")
    expect(page.locator("iframe")).to_have_count(0)
    assert status(sandbox, made) == "complete"


def test_page_shows_completion_without_a_handler(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop, redirect_on_completion="never", return_url=None)
    page.goto(f"{shop.url}/embedded.html")
    fill_page(form(page))
    form(page).locator("#submit").click()
    expect(form(page).get_by_role("heading", name="Payment complete")).to_be_visible()
    assert status(sandbox, made) == "complete"


def test_buyer_pays_after_a_decline_a_code_and_failed_three_d_secure(
    sandbox: Running, shop: Shop, page: Page
) -> None:
    coupon = sandbox.client.v1.coupons.create({"percent_off": 50}).id
    sandbox.client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon}, "code": "HALF"}
    )
    made = sells(
        sandbox,
        shop,
        allow_promotion_codes=True,
        consent_collection={"terms_of_service": "required"},
        phone_number_collection={"enabled": True},
    )
    page.goto(f"{shop.url}/embedded.html")
    frame = form(page)
    fill_page(frame, DECLINED)
    frame.locator("#submit").click()
    expect(frame.locator("#phone-error")).to_contain_text("phone number is incomplete")
    frame.get_by_label("Phone number").fill("+1 555 0100")
    fill_page(frame, DECLINED, email=None)
    frame.locator("#submit").click()
    expect(frame.locator("#terms-error")).to_contain_text("Please accept the terms")
    expect(frame.get_by_label("Card number")).to_have_value("")
    fill_page(frame, DECLINED, email=None)
    frame.get_by_label("I agree").check()
    frame.locator("#submit").click()
    expect(frame.locator("#card-error")).to_contain_text("Your card was declined.")
    expect(frame.get_by_label("Email")).to_have_value("anna@example.com")

    frame.get_by_label("Promotion code").fill("nothing")
    frame.locator("#apply-code").click()
    expect(frame.locator("#promotion-error")).to_be_visible()
    frame.get_by_label("Promotion code").fill("half")
    frame.locator("#apply-code").click()
    expect(frame.locator("#total")).to_have_text("9.95 USD")

    for outcome in ("fail", "complete"):
        fill_page(frame, BANK_ASKS)
        frame.get_by_label("Phone number").fill("+1 555 0100")
        frame.get_by_label("I agree").check()
        frame.locator("#submit").click()
        frame.locator(f"#{outcome}").click()
        if outcome == "fail":
            expect(frame.locator("#card-error")).to_contain_text("unable to authenticate")
    page.wait_for_url("**/complete.html*")
    found = sandbox.client.v1.checkout.sessions.retrieve(made[0].id)
    assert (found.amount_total, found.customer_details and found.customer_details.phone) == (
        995,
        "+1 555 0100",
    )
    assert found.consent is not None
    assert found.consent.terms_of_service == "accepted"


def test_page_shows_the_later_cost_of_a_subscription(sandbox: Running, shop: Shop, page: Page) -> None:
    item: Any = line(2000, name="All courses")
    item["price_data"]["recurring"] = {"interval": "month"}
    made = sells(
        sandbox,
        shop,
        mode="subscription",
        payment_intent_data=None,
        line_items=[item],
        subscription_data={"trial_period_days": 7},
    )
    page.goto(f"{shop.url}/embedded.html")
    expect(form(page).locator("#then")).to_contain_text("Then 20.00 USD every month, from ")
    fill_page(form(page))
    form(page).get_by_role("button", name="Start trial").click()
    page.wait_for_url("**/complete.html*")
    found = sandbox.client.v1.checkout.sessions.retrieve(made[0].id, {"expand": ["subscription"]})
    subscription: Any = found.subscription
    assert subscription.status == "trialing"


def test_texts_of_the_shop_are_escaped(sandbox: Running, shop: Shop, page: Page) -> None:
    evil = "<img src=x onerror='parent.hacked = true; document.body.remove()'><script>hacked = true</script>"
    sells(sandbox, shop, line_items=[line(name=evil)], custom_text={"submit": {"message": evil}})
    page.goto(f"{shop.url}/embedded.html")
    expect(form(page).get_by_text(evil)).to_have_count(2)
    expect(form(page).locator("img, script:not([src])")).to_have_count(0)


def test_finished_session_is_reported(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop)
    page.goto(f"{shop.url}/embedded.html")
    fill_page(form(page))
    sandbox.client.v1.checkout.sessions.expire(made[0].id)
    form(page).locator("#submit").click()
    expect(form(page).get_by_role("heading", name="This page has expired")).to_be_visible()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ui_mode": "elements"}, "created with `ui_mode: elements`"),
        ({"secret": "cs_test_none_secret_x"}, "No such checkout.session"),
        ({"secret": "cs_test_{}_secret_wrong"}, "does not match"),
    ],
)
def test_frame_reports_a_wrong_secret(
    sandbox: Running, shop: Shop, page: Page, changes: dict[str, str], says: str
) -> None:
    wrong = changes.pop("secret", None)
    made = sells(sandbox, shop, **changes)
    make = shop.answers["/create-checkout-session"]

    def answer() -> dict[str, Any]:
        given = make()
        id_ = made[0].id.removeprefix("cs_test_")
        return given if wrong is None else {"clientSecret": wrong.format(id_)}

    shop.answers["/create-checkout-session"] = answer
    page.goto(f"{shop.url}/embedded.html")
    expect(form(page).get_by_role("alert")).to_contain_text(says)


def test_the_object_is_mounted_unmounted_and_destroyed(sandbox: Running, shop: Shop, page: Page) -> None:
    sells(sandbox, shop)
    page.goto(f"{shop.url}/embedded.html")
    expect(form(page).locator("#total")).to_be_visible()
    says = """async () => {
        const said = [];
        const tried = async (what) => {
            try { await what(); } catch (error) { said.push(`${error.name}: ${error.message}`); }
        };
        await tried(() => stripe.createEmbeddedCheckoutPage({clientSecret: "cs_test_1_secret_1"}));
        await tried(() => stripe.createEmbeddedCheckoutPage({}));
        await tried(() => checkout.mount("#checkout"));
        checkout.unmount();
        await tried(() => checkout.mount("#nowhere"));
        checkout.mount(document.querySelector("#checkout"));
        checkout.destroy();
        checkout.destroy();
        await tried(() => checkout.mount("#checkout"));
        await tried(() => stripe.createEmbeddedCheckoutPage({clientSecret: "pi_1_secret_1"}));
        await tried(() => stripe.initEmbeddedCheckout({clientSecret: "cs_test_1_secret_1"}));
        return said;
    }"""
    said = page.evaluate(says)
    assert [text.split(":")[0] for text in said] == ["IntegrationError"] * 7
    for text, part in zip(
        said,
        [
            "You cannot have multiple Embedded Checkout objects.",
            "either `clientSecret` or `fetchClientSecret`",
            "mounted already",
            "#nowhere",
            "destroyed",
            "Checkout Session",
            "Please use stripe.createEmbeddedCheckoutPage() instead.",
        ],
        strict=True,
    ):
        assert part in text
    expect(page.locator("iframe")).to_have_count(0)


def test_network_failure_keeps_the_entries(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sells(sandbox, shop)
    page.goto(f"{shop.url}/embedded.html")
    fill_page(form(page))
    page.route("**/js/embedded/**", lambda route: route.abort())
    form(page).locator("#submit").click()
    expect(form(page).get_by_role("alert")).to_contain_text("is unreachable")
    page.unroute("**/js/embedded/**")
    form(page).locator("#submit").click()
    page.wait_for_url("**/complete.html*")
    assert status(sandbox, made) == "complete"
