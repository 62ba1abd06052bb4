"""A log that a flood of forged requests cannot fill."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

_LOG = structlog.get_logger(__name__)


class Quiet:
    """Logs each reason at most once in `seconds`, with the number of times it was seen since."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._now = monotonic
        self._last: dict[str, float] = {}
        self._seen: dict[str, int] = {}

    def log(self, event: str, reason: str) -> None:
        """A warning, now or counted in the next one. `reason` must be one of a small set."""
        self._seen[reason] = self._seen.get(reason, 0) + 1
        if self._now() - self._last.get(reason, float("-inf")) >= self._seconds:
            self._last[reason] = self._now()
            _LOG.warning(event, reason=reason, times=self._seen.pop(reason))
