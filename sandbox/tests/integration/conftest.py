"""A sandbox that is served once and reset before each test."""

from collections.abc import Iterator

import pytest
from sandbox_server import Running


@pytest.fixture(scope="session")
def served_sandbox() -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


@pytest.fixture
def sandbox(served_sandbox: Running) -> Running:
    served_sandbox.reset()
    return served_sandbox
