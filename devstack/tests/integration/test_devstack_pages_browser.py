"""The inbox and the sign-in page in a browser."""

import smtplib
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import accessibility
import pytest
from playwright.sync_api import Browser, Page, expect

from devstack import loopback, ports, waiting
from devstack.processes import Owner

pytestmark = pytest.mark.browser


@pytest.fixture
def issuer(masterji_owner: Owner, tmp_path: Path) -> Iterator[str]:
    port = ports.pick()
    key, storefront = str(tmp_path / "key.pem"), "http://127.0.0.1:8001"
    options = ["--port", str(port), "--key", key, "--storefront", storefront]
    child = masterji_owner.spawn("issuer-pages", [sys.executable, "-m", "devstack.issuer", *options])
    waiting.until(lambda: ports.accepts(port), 60, lambda: "the issuer did not start")
    yield f"http://127.0.0.1:{port}"
    child.stop()


def send(smtp: int, subject: str, html: str | None = "<p lang='en'>Your course is ready.</p>") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hello@example.com", "asha@example.com", subject
    message.set_content("Your course is ready.")
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", smtp, timeout=10) as client:
        client.send_message(message)


def test_no_page_of_the_inbox_violates_a_rule_of_accessibility(page: Page, inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    page.goto(web)
    expect(page.get_by_text("No mail yet")).to_be_visible()
    assert accessibility.violations(page) == []
    send(smtp, "Your course is ready: Sitar for beginners, with a very long title that goes on and on")
    send(smtp, "Text only", html=None)
    page.goto(web)
    assert accessibility.violations(page) == []
    received = [mail["id"] for mail in loopback.get(f"{web}/api/messages").json()["messages"]]
    assert len(received) == 2
    for number in (*received, 9999):
        page.goto(f"{web}/messages/{number}")
        assert accessibility.violations(page) == [], number


def test_a_new_mail_appears_without_a_reload(page: Page, inbox: tuple[str, int]) -> None:
    web, smtp = inbox
    page.goto(web)
    page.evaluate("window.loadedOnce = true")
    send(smtp, "Just arrived")
    expect(page.get_by_role("link", name="Just arrived")).to_be_visible()
    assert page.evaluate("window.loadedOnce") is True
    page.get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("No mail yet")).to_be_visible()
    assert loopback.get(f"{web}/api/messages").json()["total"] == 0


def test_without_javascript_a_new_mail_appears_after_a_reload(
    browser: Browser, inbox: tuple[str, int]
) -> None:
    web, smtp = inbox
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(web)
    send(smtp, "Just arrived")
    expect(page.get_by_role("link", name="Just arrived")).to_be_visible()
    context.close()


def test_the_sign_in_page_violates_no_rule_of_accessibility(page: Page, issuer: str) -> None:
    page.goto(f"{issuer}/sign-in?return_to=/orders")
    expect(page.get_by_role("button", name="Ben, a student")).to_be_visible()
    assert accessibility.violations(page) == []
