"""Fixtures of unit and integration tests: the messages of an order."""

from collections.abc import Callable

import pytest
from notifications_story import Story


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture(scope="session")
def new_story() -> Callable[..., Story]:
    return Story
