"""Servers for all tests (see devstack.testing), a browser, Hypothesis's profile, the order of tests."""

import random
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from devstack.testing.report import CHROMIUM, leave_out

pytest_plugins = ["devstack.testing"]

# No deadline: an example can take long on a busy machine. `timeout` in pyproject.toml bounds each test.
settings.register_profile("masterji", deadline=None, print_blob=True)
settings.load_profile("masterji")

# Debian's Chromium, so that Playwright need not download one. The headless shell takes half the CPU.
_BROWSERS = ("chromium-headless-shell", "chromium")
# The browser talks to this machine only.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of this run, so that pytest's header can print it. Parallel workers inherit it."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(2**32))


def pytest_report_header(config: pytest.Config) -> str:
    """Print the option that repeats the examples of this run."""
    return f"--hypothesis-seed={config.option.hypothesis_seed}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start headless Chromium for one module: while it runs, this thread cannot have an asyncio loop."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        leave_out(CHROMIUM)
    expect.set_options(timeout=20_000)  # a busy machine needs longer than Playwright's 5 s
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page in a context of its own. Tests that expect more of a page have their own fixture."""
    context = browser.new_context(locale="en-US")
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    context.close()


_ON_THE_STACK = ("tests/fault/", "tests/e2e/")
# In parallel (`make test`) the longest tests start first, so that no worker is left with one at the end.
_LONGEST_FIRST = (
    *_ON_THE_STACK,
    "services/enrollment/",
    "libs/messaging/",
    "tests/",
    "devstack/",
    "sandbox/",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest tests first when workers run in parallel; otherwise keep the order of collection."""
    if hasattr(config, "workerinput"):
        items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folders = enumerate(_LONGEST_FIRST)
    return next((rank for rank, folder in folders if item.nodeid.startswith(folder)), len(_LONGEST_FIRST))


class ByServers(LoadScopeScheduling):
    """Gives a worker one file at a time, since its tests share fixtures; one worker runs all stack tests."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "the stack" if file.startswith(_ON_THE_STACK) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServers:
    """Replace the scheduler that --dist names."""
    return ByServers(config, log)
