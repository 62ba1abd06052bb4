"""A deadline that costs next to nothing while it is kept.

asyncio.timeout sets and cancels a timer for each use: 8 % of a request here, for a body that in practice has
arrived before anyone asks. One timer that looks at all who wait, a few times per second, is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Deadline:
    """Bounds each of many waits to `seconds`, and up to `grain` more."""

    def __init__(self, seconds: float, grain: float = 0.25) -> None:
        self.seconds = seconds
        self._grain = grain
        self._waiting: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._looking = False

    async def keep(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns. Raises TimeoutError when it takes too long. Once at a time in one task."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        self._waiting[task] = loop.time() + self.seconds
        if not self._looking:
            self._looking = True
            loop.call_later(self._grain, self._look, loop)
        try:
            return await work
        except asyncio.CancelledError:
            # Only our own cancellation is a timeout; one from outside, at the end of the process, goes on.
            if task not in self._late or task.uncancel() > 0:
                raise
            raise TimeoutError from None
        finally:
            del self._waiting[task]
            self._late.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, until in self._waiting.items():
            if now >= until and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._looking = bool(self._waiting)
        if self._looking:
            loop.call_later(self._grain, self._look, loop)
