"""The script: its release, errors of methods it does not have, and protection from hostile pages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from card_form import GOOD, fill_element, fill_page, payment_element
from playwright.sync_api import BrowserContext, Page, Route, expect
from sandbox_server import Running
from shop_server import STRIPE, Shop

pytestmark = pytest.mark.browser

TRY = """async (calls) => {
    const said = [];
    for (const call of calls) {
        try { await (new Function("stripe", `return ${call}`))(window.one); said.push("worked"); }
        catch (error) { said.push(`${error.name}: ${error.message}`); }
    }
    return said;
}"""


def blank(shop: Shop) -> str:
    """A page with one Stripe object and a permissive policy."""
    address = "https://js.stripe.com/endive/stripe.js"
    shop.policy = "default-src * 'unsafe-eval' 'unsafe-inline'"
    shop.pages["/blank.html"] = (
        f'<script src="{address}"></script><script>one = Stripe("pk_test_shop")</script>'
        '<div id="here"></div><div id="there"></div>'
    )
    return f"{shop.url}/blank.html"


def test_the_methods_are_those_of_endive_and_removed_ones_name_their_replacement(
    sandbox: Running, shop: Shop, page: Page
) -> None:
    page.goto(blank(shop))
    assert page.evaluate("Stripe.version") == "endive"
    secret = '{clientSecret: "cs_test_1_secret_2"}'
    current = [
        f"stripe.createEmbeddedCheckoutPage({secret}).then((one) => one.destroy())",
        f"stripe.initCheckoutElementsSdk({secret})",
    ]
    assert page.evaluate(TRY, current) == ["worked", "worked"]
    removed = {
        "initEmbeddedCheckout": "createEmbeddedCheckoutPage()",
        "initCheckout": "initCheckoutElementsSdk()",
        "redirectToCheckout": "URL of the Checkout Session",
        "handleCardPayment": "confirmCardPayment()",
        "confirmPaymentIntent": "confirmCardPayment()",
        "handleCardSetup": "confirmCardSetup()",
        "confirmSetupIntent": "confirmCardSetup()",
        "createSource": "createPaymentMethod()",
        "retrieveSource": "retrievePaymentIntent()",
    }
    said = page.evaluate(TRY, [f"stripe.{name}({secret})" for name in removed])
    for (name, replacement), message in zip(removed.items(), said, strict=True):
        assert f"stripe.{name}() has been removed" in message
        assert replacement in message


@pytest.mark.parametrize("path", ["/unicorn/stripe.js", "/dahlia/stripe.js", "/v3/"])
def test_other_releases_are_404_and_the_current_one_is_named(sandbox: Running, path: str) -> None:
    answer = sandbox.http.get(path)
    assert answer.status_code == 404
    assert "/endive/stripe.js" in answer.text


MISTAKES = [
    ('Stripe("")', "publishable key"),
    ("Stripe(undefined)", "publishable key"),
    ('Stripe("sk_test_x")', "should not use your secret key"),
    ('Stripe("pk_live_x")', "begins with pk_test_"),
    ('stripe.elements({clientSecret: "x"})', "client secret of the form"),
    ('stripe.elements({mode: "payment", amount: 1.5, currency: "usd"})', "minor units"),
    ('stripe.elements({mode: "payment", amount: 100, currency: "USD"})', "lower case"),
    ('stripe.elements({mode: "gift"})', "mode should be one of"),
    ('stripe.elements().create("payment")', "clientSecret or mode"),
    ('stripe.elements().create("iban")', 'does not model the Element "iban"'),
    ('stripe.elements().create("toString")', "does not model the Element"),
    ('stripe.elements().create("card").mount("#nowhere")', "#nowhere"),
    ('stripe.elements().create("card").mount(null)', "Invalid DOM element"),
    (
        "(() => { const e = stripe.elements(); e.create('card'); e.create('card'); })()",
        "Can only create one",
    ),
    (
        "(() => { const e = stripe.elements().create('card'); e.destroy(); e.mount('#here'); })()",
        "destroyed",
    ),
    ('stripe.elements().create("card").on("ready", 5)', "must be a function"),
    ("stripe.confirmPayment({})", "return_url is required"),
    ('stripe.confirmPayment({redirect: "if_required"})', "client secret of the form"),
    ('stripe.confirmPayment({redirect: "sometimes"})', "redirect should be"),
    (
        'stripe.confirmPayment({redirect: "if_required", clientSecret: "seti_1_secret_2"})',
        "PaymentIntent",
    ),
    (
        'stripe.confirmPayment({elements: stripe.elements({mode: "setup"}), redirect: "if_required", '
        'clientSecret: "pi_1_secret_2"})',
        "should have a mounted Payment Element",
    ),
    ('stripe.confirmCardPayment("pi_1")', "client secret of the form"),
    (
        'stripe.createPaymentMethod({type: "card", card: {number: "4242424242424242"}})',
        "Card numbers are typed",
    ),
    (
        'stripe.createPaymentMethod({type: "card", card: stripe.elements().create("cardCvc")})',
        "card or cardNumber",
    ),
    ('stripe.createPaymentMethod({type: "klarna"})', 'payment methods of the type "klarna"'),
    ("stripe.createPaymentMethod()", "type should be a string"),
    ('stripe.confirmKlarnaPayment("pi_1_secret_2")', "does not model stripe.confirmKlarnaPayment()"),
    ("stripe.createToken()", "does not model stripe.createToken()"),
]


def test_programming_error_of_the_page_is_an_integration_error(shop: Shop, page: Page) -> None:
    page.goto(blank(shop))
    for call, says in MISTAKES:
        (said,) = page.evaluate(TRY, [call])
        assert said.startswith("IntegrationError: "), (call, said)
        assert says in said, (call, said)


def test_api_failures_have_stripe_s_error_format(sandbox: Running, shop: Shop, page: Page) -> None:
    page.goto(blank(shop))
    missing = page.evaluate("one.retrievePaymentIntent('pi_none_secret_x')")["error"]
    assert (missing["type"], missing["code"]) == ("invalid_request_error", "resource_missing")
    made = sandbox.client.v1.payment_intents.create({"amount": 1990, "currency": "usd"})
    call = "one.confirmCardPayment(secret, {payment_method: 'pm_card_chargeDeclined'})"
    declined = page.evaluate(f"(secret) => {call}", made.client_secret)["error"]
    assert (declined["type"], declined["decline_code"]) == ("card_error", "generic_decline")
    token = page.evaluate("one.createPaymentMethod({type: 'card', card: {token: 'tok_visa'}})")
    assert token["paymentMethod"]["card"]["last4"] == "4242"
    paid = page.evaluate(
        "([secret, id]) => "
        "one.confirmCardPayment(secret, {payment_method: id, receipt_email: 'a@example.com'})",
        [made.client_secret, token["paymentMethod"]["id"]],
    )
    assert paid["paymentIntent"]["receipt_email"] == "a@example.com"
    page.route("**/v1/**", lambda route: route.abort())
    away = page.evaluate("(secret) => one.retrievePaymentIntent(secret)", made.client_secret)["error"]
    assert away["type"] == "api_connection_error"


def test_next_action_can_be_handled_later(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sandbox.client.v1.payment_intents.create({"amount": 1990, "currency": "usd"})
    page.goto(blank(shop))
    left = page.evaluate(
        "(secret) => one.confirmCardPayment(secret, {payment_method: 'pm_card_threeDSecure2Required'}, "
        "{handleActions: false})",
        made.client_secret,
    )
    assert left["paymentIntent"]["status"] == "requires_action"
    page.evaluate("(clientSecret) => { later = one.handleNextAction({clientSecret}); }", made.client_secret)
    page.frame_locator("dialog iframe").locator("#complete").click()
    assert page.evaluate("later")["paymentIntent"]["status"] == "succeeded"
    again = page.evaluate("(secret) => one.handleCardAction(secret)", made.client_secret)
    assert again["paymentIntent"]["status"] == "succeeded", "no action is left"


def test_frame_that_cannot_load_is_reported(shop: Shop, context: BrowserContext) -> None:
    address, page = blank(shop), context.new_page()
    page.route("**/js/frames/**", lambda route: route.abort())
    page.clock.install()
    page.goto(address)
    page.evaluate(
        """() => {
            const element = one.elements({mode: "setup"}).create("payment");
            window.heard = new Promise((resolve) => element.on("loaderror", resolve));
            element.mount("#here");
        }"""
    )
    page.clock.run_for(20_000)
    heard = page.evaluate("heard")
    assert (heard["elementType"], heard["error"]["type"]) == ("payment", "api_connection_error")


def test_wallet_elements_are_empty(shop: Shop, page: Page) -> None:
    page.goto(blank(shop))
    page.evaluate(
        """() => {
            const elements = one.elements({mode: "payment", amount: 1990, currency: "usd"});
            window.heard = new Promise((resolve) => {
                elements.create("expressCheckout").on("ready", resolve).mount("#here");
            });
        }"""
    )
    assert page.evaluate("heard") == {"elementType": "expressCheckout", "availablePaymentMethods": None}
    assert page.locator("#here iframe").count() == 0
    assert page.evaluate("one.paymentRequest({}).canMakePayment()") is None


def test_appearance_of_an_element_loads_no_resources(shop: Shop, page: Page) -> None:
    page.goto(blank(shop))
    page.evaluate(
        """() => {
            const rules = {
                ".Input": {fontSize: "21px", backgroundImage: "url(https://evil.example/x)"},
                ".Label": {color: "rgb(1, 2, 3)"},
                "body": {display: "none"},
                ".Input}body{display:none}": {},
            };
            const variables = {colorBackground: "rgb(10, 20, 30)", fontFamily: "x;} body { display: none }"};
            const options = {mode: "setup", appearance: {theme: "night", variables, rules}};
            one.elements(options).create("payment").mount("#here");
        }"""
    )
    number = payment_element(page).get_by_label("Card number")
    expect(number).to_have_css("font-size", "21px")
    expect(number).to_have_css("background-color", "rgb(10, 20, 30)")
    expect(number).to_have_css("background-image", "none")
    expect(payment_element(page).get_by_text("Card number")).to_have_css("color", "rgb(1, 2, 3)")


# -- hostile pages -----------------------------------------------------------------------------------------


def test_messages_of_a_frame_never_contain_the_card(sandbox: Running, shop: Shop, page: Page) -> None:
    made = sandbox.client.v1.payment_intents.create({"amount": 1990, "currency": "usd"})
    shop.answers["/create-intent"] = lambda: {"clientSecret": made.client_secret}
    # A hostile page inspects every message that it receives.
    page.add_init_script("""
        if (window === top) {
            window.overheard = [];
            const Real = window.MessageChannel;
            window.MessageChannel = function () {
                const channel = new Real();
                channel.port1.addEventListener("message", ({data}) => overheard.push(JSON.stringify(data)));
                return channel;
            };
            addEventListener("message", ({data}) => overheard.push(JSON.stringify(data)));
        }
    """)
    page.goto(f"{shop.url}/intent.html?stay")
    fill_element(page, cvc="987")
    page.get_by_role("button", name="Pay now").click()
    expect(page.locator("#payment-message")).to_have_text("succeeded")
    overheard = " ".join(page.evaluate("overheard"))
    assert "pm_" in overheard, "messages were recorded"
    assert GOOD not in overheard.replace(" ", "")
    # As a value: times and ids hold these digits now and then.
    assert not re.search(r"(?<!\w)987(?!\w)", overheard)
    assert page.evaluate("document.querySelector('iframe').contentDocument") is None


@pytest.fixture
def evil(sandbox: Running, shop: Shop) -> Iterator[Shop]:
    """Another site whose page is in a frame of the shop's page."""
    served = Shop(sandbox.url)
    served.policy = shop.policy = "default-src * 'unsafe-inline'"
    yield served
    served.stop()


def test_other_frames_cannot_send_requests_or_answers(
    sandbox: Running, shop: Shop, evil: Shop, page: Page
) -> None:
    page.goto(f"{shop.url}/foreign.html?sibling={evil.url}/sibling.html")
    expect(page.locator("#heard")).to_have_text("ready")
    fill_element(page)
    page.evaluate("() => { sibling.postMessage('now', '*'); return tried; }")
    # When the frame performs another action, it has already received the messages of the other frame.
    payment_element(page).get_by_label("Card number").fill(GOOD)
    answers = page.evaluate("answers")
    assert {"tried": True} in answers
    assert not [answer for answer in answers if "stolen" in answer], answers
    assert page.url.startswith(f"{shop.url}/foreign.html"), "the page was not redirected"
    assert sandbox.client.v1.payment_methods.list().data == []


def test_foreign_message_does_not_complete_the_embedded_page(
    sandbox: Running, shop: Shop, evil: Shop, page: Page
) -> None:
    urls: dict[str, Any] = {"success_url": None, "cancel_url": None}
    session = sandbox.session(ui_mode="embedded_page", redirect_on_completion="never", **urls)
    page.goto(f"{shop.url}/foreign.html?sibling={evil.url}/sibling.html&session={session.client_secret}")
    form = page.frame_locator('iframe[name^="embedded-checkout"]')
    expect(form.locator("#total")).to_be_visible()
    page.evaluate("() => { sibling.postMessage('now', '*'); return tried; }")
    fill_page(form)
    assert page.locator("#heard").inner_text() == ""
    assert page.url.startswith(f"{shop.url}/foreign.html"), "the page was not redirected"
    form.locator("#submit").click()
    expect(page.locator("#heard")).to_have_text("complete")


@pytest.mark.parametrize(
    ("path", "framed"),
    [
        ("/js/frames/element", True),
        ("/js/frames/embedded", True),
        ("/js/frames/three-ds", True),
        ("/c/pay/{session}", False),
        ("/3ds/{intent}", True),
        ("/p/session/bps_none", False),
        ("/", False),
    ],
)
def test_only_frame_pages_can_be_embedded(
    sandbox: Running, shop: Shop, context: BrowserContext, path: str, framed: bool
) -> None:
    waiting = sandbox.pay(sandbox.session().id, "4000000000003220", three_d_secure="leave")
    path = path.format(session=sandbox.session().id, intent=waiting["payment_intent"]["id"])
    headers = sandbox.http.get(path).headers
    assert ("x-frame-options" in headers) is not framed
    shop.policy = "default-src *"
    shop.pages["/frame.html"] = f'<iframe src="{sandbox.url}{path}"></iframe>'
    page = context.new_page()
    page.goto(f"{shop.url}/frame.html")
    inside = page.frames[1]
    assert inside.url.startswith(sandbox.url) is framed, inside.url


# -- unchanged pages -------------------------------------------------------------------------------------


def from_the_sandbox(sandbox: Running) -> Any:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(STRIPE)
        script = sandbox.http.get(path)
        route.fulfill(status=script.status_code, body=script.text, headers=dict(script.headers))

    return answer


def test_a_page_runs_unchanged_when_stripe_s_own_address_is_answered(
    sandbox: Running, context: BrowserContext, page: Page
) -> None:
    """Even the host stays: the test's browser answers js.stripe.com with the sandbox's script."""
    shop = Shop(STRIPE)
    try:
        shop.policy = shop.policy.replace(STRIPE, f"{STRIPE} {sandbox.url}")
        made = sandbox.client.v1.payment_intents.create({"amount": 1990, "currency": "usd"})
        shop.answers["/create-intent"] = lambda: {"clientSecret": made.client_secret}
        context.route(f"{STRIPE}/**", from_the_sandbox(sandbox))
        page.goto(f"{shop.url}/intent.html")
        assert page.locator("script").first.get_attribute("src") == f"{STRIPE}/endive/stripe.js"
        fill_element(page)
        page.get_by_role("button", name="Pay now").click()
        page.wait_for_url("**/complete.html?*")
        expect(page.locator("#status")).to_have_text("succeeded")
    finally:
        shop.stop()


def test_script_works_when_a_loader_adds_it_later(sandbox: Running, shop: Shop, page: Page) -> None:
    """Like the npm package: it adds a script element, waits for it, and uses window.Stripe."""
    shop.pages["/loaded.html"] = '<script src="/loaded.js"></script><div id="here"></div>'
    shop.pages["/loaded.js"] = """
        const script = document.createElement("script");
        script.src = "https://js.stripe.com/endive/stripe.js?advancedFraudSignals=false";
        window.loading = new Promise((resolve, reject) => {
            script.addEventListener("load", () => resolve(window.Stripe));
            script.addEventListener("error", reject);
        }).then((found) => {
            const stripe = found.apply(undefined, ["pk_test_shop", {locale: "de"}]);
            stripe._registerWrapper({name: "stripe-js", version: "10.2.1", startTime: Date.now()});
            stripe.registerAppInfo({name: "shop"});
            return [found.version, typeof stripe.elements, typeof stripe.createToken];
        });
        document.head.appendChild(script);
    """
    page.goto(f"{shop.url}/loaded.html")
    assert page.evaluate("loading") == ["endive", "function", "function"]
