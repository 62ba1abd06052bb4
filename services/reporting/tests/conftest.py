"""Fixtures of unit and integration tests: the events of an order."""

from collections.abc import Callable

import pytest
from reporting_order_events import OrderEvents


@pytest.fixture
def order() -> OrderEvents:
    return OrderEvents()


@pytest.fixture(scope="session")
def new_order() -> Callable[..., OrderEvents]:
    return OrderEvents
