"""A progress bar for people; plain lines where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 30


class ProgressBar:
    """Shows how far a long work has come: in place on a terminal, else one line every ten seconds."""

    def __init__(self, out: TextIO, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._total = total
        self._clock = clock
        self._began = clock()
        self._shown = float("-inf")

    def show(self, done: int) -> None:
        """So many are done."""
        now = self._clock()
        if now - self._shown >= (0.1 if self._out.isatty() else 10):
            self._shown = now
            self._write(done, now)

    def end(self, done: int) -> None:
        """All are done."""
        self._write(done, self._clock())
        if self._out.isatty():
            self._out.write("\n")

    def _write(self, done: int, now: float) -> None:
        # more may have come since they were counted
        part = min(1.0, done / self._total) if self._total else 1.0
        bar = "#" * round(part * _WIDTH)
        rate = done / (now - self._began) if now > self._began else 0.0
        line = f"[{bar:<{_WIDTH}}] {part:4.0%}  {done} of {self._total}, {rate:.0f}/s"
        self._out.write(f"\r{line}" if self._out.isatty() else f"{line}\n")
        self._out.flush()
