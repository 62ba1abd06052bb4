"""Hostile pages and frames cannot read cards, send requests or embed the sandbox's pages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from card_form import GOOD, fill_element, fill_page, pay_now, payment_element
from playwright.sync_api import BrowserContext, Page, expect
from sandbox_server import Running
from shop_server import Shop

pytestmark = pytest.mark.browser


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
    pay_now(page, cvc="987")
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
