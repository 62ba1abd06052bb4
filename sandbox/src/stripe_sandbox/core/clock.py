"""The sandbox's clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Wall time plus an offset, or a fixed time that changes only when it is moved.

    Webhook signatures never use this clock: a receiver compares them with its own.
    """

    def __init__(self, start: float | None = None) -> None:
        self._frozen = start
        self._offset = 0.0
        self._moment: float | None = None

    def time(self) -> float:
        """Seconds since the epoch."""
        if self._moment is not None:
            return self._moment
        if self._frozen is not None:
            return self._frozen + self._offset
        return time.time() + self._offset

    def now(self) -> int:
        """Whole seconds since the epoch, Stripe's precision."""
        return int(self.time())

    @contextmanager
    def at(self, moment: float | None) -> Iterator[None]:
        """Use this moment inside the block: when something was due, or a test clock's time. None changes
        nothing.
        """
        before, self._moment = self._moment, self._moment if moment is None else moment
        try:
            yield
        finally:
            self._moment = before

    @property
    def offset(self) -> float:
        """Seconds by which the sandbox's clock differs from wall time or from its fixed start."""
        return self._offset

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still between moves."""
        return self._frozen is not None

    def set_offset(self, seconds: float) -> None:
        """Run this many seconds ahead of wall time or the fixed start (negative: behind)."""
        self._offset = seconds

    def advance(self, seconds: float) -> None:
        """Move forward by this many seconds."""
        self._offset += seconds
