"""The loop of a worker that looks into its database now and then."""

import random
import threading
from collections.abc import Callable

from messaging.backoff import Backoff
from messaging.database import Database
from messaging.errors import Kind, classify
from messaging.health import Component


def run_periodically(
    once: Callable[[], bool],
    stop: threading.Event,
    *,
    database: Database,
    component: Component,
    interval_seconds: float,
) -> None:
    """Call `once` until `stop` is set: again at once if it returns True (there may be more), else later.

    While the database is away the component is down and the pauses grow; any other error is raised. The
    database's connection is closed at the end.
    """
    backoff = Backoff(random.Random())  # noqa: S311 - jitter, not a secret
    try:
        while not stop.is_set():
            try:
                more = once()
            except Exception as error:
                if classify(error) not in (Kind.TRANSIENT, Kind.CONFLICT):
                    raise
                component.down(f"database: {error}"[:200])
                stop.wait(backoff.next_seconds())
                continue
            backoff.reset()
            component.up()
            if not more:
                stop.wait(interval_seconds)
    finally:
        database.close()
