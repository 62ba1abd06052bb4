"""Fixtures: a sandbox (reset before each test), a browser page, and a shop that uses the sandbox."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sandbox_server import Running
from shop_server import Shop


@pytest.fixture(scope="session")
def served_sandbox() -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


@pytest.fixture
def sandbox(served_sandbox: Running) -> Running:
    served_sandbox.reset()
    return served_sandbox


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale="en-US")
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A browser page; the test fails if a script fails or a policy blocks something."""
    opened = context.new_page()
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "postMessage" in message.text:
            problems.append(message.text)

    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", heard)
    yield opened
    assert not problems, problems


@pytest.fixture
def shop(sandbox: Running) -> Iterator[Shop]:
    served = Shop(sandbox.url)
    yield served
    served.stop()
