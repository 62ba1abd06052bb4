"""Waits for a condition, with a timeout."""

import time
from collections.abc import Callable

from devstack.errors import DevstackError


def until(
    condition: Callable[[], bool],
    seconds: float,
    failure: Callable[[], str],
    give_up: Callable[[], bool] = lambda: False,
    interval: float = 0.05,
) -> None:
    """Wait until `condition()`. Raises DevstackError(failure()) after `seconds` or on `give_up()`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if give_up() or time.monotonic() > deadline:
            raise DevstackError(failure())
        time.sleep(interval)
