"""Real servers for every test (see devstack.testing), a real browser, and who runs what side by side."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from devstack.testing.report import CHROMIUM, leave_out

pytest_plugins = ["devstack.testing"]

# Debian's Chromium: Playwright's own download is not needed. Without what nobody sees, the same pages cost
# less than half of the CPU.
_BROWSERS = ("chromium-headless-shell", "chromium")
# No traffic but to this machine.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, for one module: while it runs, asyncio can have no loop in this thread."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        leave_out(CHROMIUM)
    expect.set_options(timeout=20_000)  # what is looked for comes at once, or late on a busy machine
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield running
        running.close()


_ON_THE_STACK = ("tests/fault/", "tests/e2e/")
# Side by side (`make test`) what takes longest comes first: near the end it would be waited for.
_LONGEST_FIRST = (
    *_ON_THE_STACK,
    "services/enrollment/",
    "libs/messaging/",
    "tests/",
    "devstack/",
    "sandbox/",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests for workers side by side; alone, they stay as they were found."""
    if hasattr(config, "workerinput"):
        items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folders = enumerate(_LONGEST_FIRST)
    return next((rank for rank, folder in folders if item.nodeid.startswith(folder)), len(_LONGEST_FIRST))


class ByServers(LoadScopeScheduling):
    """Gives a worker a file at a time, for what its tests share; one of them gets all on the whole stack."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "the stack" if file.startswith(_ON_THE_STACK) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByServers:
    """Take the place of --dist."""
    return ByServers(config, log)
