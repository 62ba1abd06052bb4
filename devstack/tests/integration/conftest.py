"""Fixture: the inbox as a process, empty at the start of each test."""

import sys
from collections.abc import Iterator

import pytest

from devstack import loopback, ports, waiting
from devstack.processes import Owner


@pytest.fixture(scope="module")
def _inbox_process(masterji_owner: Owner) -> Iterator[tuple[str, int]]:
    web, smtp = ports.pick(), ports.pick()
    command = [sys.executable, "-m", "devstack.inbox", "--web-port", str(web), "--smtp-port", str(smtp)]
    child = masterji_owner.spawn("inbox", command)
    waiting.until(lambda: ports.accepts(web) and ports.accepts(smtp), 60, lambda: "the inbox did not start")
    yield f"http://127.0.0.1:{web}", smtp
    child.stop()


@pytest.fixture
def inbox(_inbox_process: tuple[str, int]) -> tuple[str, int]:
    """The address of the pages and the port for SMTP."""
    web, _ = _inbox_process
    loopback.delete(f"{web}/api/messages").raise_for_status()
    return _inbox_process
