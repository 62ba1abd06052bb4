"""The loop of every background worker: a turn, a pause, and longer pauses while a dependency is
unavailable."""

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from processkit.backoff import Backoff
from processkit.errors import is_transient
from processkit.health import Component

Worker = Callable[[threading.Event], None]
"""Runs until the event is set, then returns within a few seconds."""

_MOST_CHARACTERS = 2000


def _ignore(_error: Exception, _seconds: float) -> None:
    """Do nothing about a failed turn."""


@dataclass(frozen=True, kw_only=True)
class Loop:
    """Calls `turn` until it is stopped, and reports to `component` whether the worker works.

    `turn` returns True if there may be more work: the next turn follows after `busy_seconds`, otherwise after
    `idle_seconds`. With `turn_reports`, the turn itself calls the component's `up` and `down`, and the loop
    only renews that report.

    When a turn raises an error that `waits` accepts, the component is down with the text of `describe`, and
    the next turn follows after a pause that grows up to `longest_pause_seconds`; `failed` is called with the
    error and the pause. Any other error ends the loop. At the end every function in `close` is called.
    """

    component: Component
    turn: Callable[[], bool]
    idle_seconds: float
    busy_seconds: float = 0.0
    longest_pause_seconds: float = 10.0
    turn_reports: bool = False
    waits: Callable[[Exception], bool] = is_transient
    describe: Callable[[Exception], str] = str
    failed: Callable[[Exception, float], None] = _ignore
    wait: Callable[[threading.Event, float], object] = threading.Event.wait
    """How to pause after a turn without work; a worker may be woken earlier. It may raise like a turn."""
    close: Sequence[Callable[[], None]] = ()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Raises the errors of a turn that `waits` does not accept."""
        backoff = Backoff(random.Random(), most=self.longest_pause_seconds)  # noqa: S311 - jitter, not a secret
        with ExitStack() as closing:
            for close in reversed(self.close):
                closing.callback(close)
            while not stop.is_set():
                try:
                    more = self.turn()
                    backoff.reset()
                    self._report()
                    if more:
                        stop.wait(self.busy_seconds)
                    else:
                        self.wait(stop, self.idle_seconds)
                except Exception as error:
                    if not self.waits(error):
                        raise
                    seconds = backoff.next_seconds()
                    self.component.down(self.describe(error)[:_MOST_CHARACTERS])
                    self.failed(error, seconds)
                    stop.wait(seconds)

    def _report(self) -> None:
        if self.turn_reports:
            self.component.beat()
        else:
            self.component.up()
