"""One supervised process, which is restarted after a crash."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from devstack.processes import Child

FIRST_DELAY = 0.5
LONGEST_DELAY = 15.0
STEADY_SECONDS = 30.0
"""After a crash, a process that ran for this long is restarted with the first delay again."""


@dataclass
class Managed:
    """A process and its desired state. Callers hold `lock` while they call a method."""

    name: str
    launch: Callable[[], Child]
    ready: Callable[[], bool]
    wanted: bool = False
    child: Child | None = None
    restarts: int = 0
    delay: float = FIRST_DELAY
    started_at: float = 0.0
    due_at: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> bool:
        """Start the process unless it runs. Returns whether it was started."""
        self.wanted = True
        if self.child is not None and self.child.running():
            return False
        self.due_at = None
        self.started_at = time.monotonic()
        self.child = self.launch()
        return True

    def stop(self, how: Callable[[Child], int]) -> bool:
        """Stop the process and keep it stopped. Returns whether it ran."""
        self.wanted = False
        self.due_at = None
        child, self.child = self.child, None
        if child is None:
            return False
        was_running = child.running()
        how(child)
        return was_running

    def watch(self, announce: Callable[[str], None]) -> None:
        """Restart the process, after a growing delay, if it ended unexpectedly."""
        if not self.wanted:
            return
        now = time.monotonic()
        if self.child is not None:
            if self.child.running():
                return
            code = self.child.stop(grace=0.0)
            if now - self.started_at > STEADY_SECONDS:
                self.delay = FIRST_DELAY
            announce(f"{self.name} ended unexpectedly ({_reason(code)}); restarting in {self.delay:g} s")
            self.child, self.due_at = None, now + self.delay
            self.delay = min(self.delay * 2, LONGEST_DELAY)
        elif self.due_at is not None and now >= self.due_at:
            self.restarts += 1
            self.start()

    def state(self) -> str:
        """Return `running`, `stopped` or `crashed`."""
        if self.child is not None and self.child.running():
            return "running"
        return "crashed" if self.wanted else "stopped"


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
