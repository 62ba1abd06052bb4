"""The loop of a worker that looks at a database or at Kafka every few seconds."""

import random
import threading
from collections.abc import Callable

from processkit.backoff import Backoff
from processkit.errors import Kind, classify
from processkit.health import Component

Worker = Callable[[threading.Event], None]
"""Runs until the event is set, then returns within a few seconds."""


def run_periodically(
    once: Callable[[], bool],
    stop: threading.Event,
    *,
    component: Component,
    dependency: str,
    close: Callable[[], None],
    interval_seconds: float,
) -> None:
    """Call `once` until `stop` is set: again at once if it returns True (there may be more work), else later.

    While the dependency is unavailable, the component is down with the dependency's name and the error, and
    the pauses grow; any other error is raised. `close` is called at the end to close the connection.
    """
    backoff = Backoff(random.Random())  # noqa: S311 - jitter, not a secret
    try:
        while not stop.is_set():
            try:
                more = once()
            except Exception as error:
                if classify(error) not in (Kind.TRANSIENT, Kind.CONFLICT):
                    raise
                component.down(f"{dependency}: {error}"[:2000])
                stop.wait(backoff.next_seconds())
                continue
            backoff.reset()
            component.up()
            if not more:
                stop.wait(interval_seconds)
    finally:
        close()
