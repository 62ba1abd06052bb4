"""The pages kit in a browser: a page with every macro is accessible in every language."""

import threading
from collections.abc import Iterator

import accessibility
import pytest
from pages_specimen import create_specimen
from playwright.sync_api import Browser

from devstack import ports, waiting
from servicekit.server import create_server
from servicekit.settings import ServiceSettings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def specimen() -> Iterator[str]:
    port = ports.pick()
    server = create_server(create_specimen(), ServiceSettings(port=port))
    thread = threading.Thread(target=server.run)
    thread.start()
    waiting.until(lambda: server.started, 30, lambda: "the specimen did not start")
    yield f"http://127.0.0.1:{port}"
    server.stop()
    thread.join(20)


@pytest.mark.parametrize("locale", ["en-GB", "hi-IN"])
def test_no_macro_violates_a_rule_of_accessibility(browser: Browser, specimen: str, locale: str) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    for path in ("/", "/?cursor=2", "/?cursor=end", "/sold-out"):
        page.goto(f"{specimen}{path}")
        assert accessibility.violations(page) == [], path
    page.goto(specimen)
    page.get_by_label("Title").fill("Sitar")
    page.get_by_label("Price").fill("x")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_label("Price").get_attribute("aria-invalid") == "true"
    assert accessibility.violations(page) == []
    context.close()
