"""Exponential backoff with full jitter, and the brake on dead letters."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Backoff:
    """Grows from `first` to `most` seconds; each wait is random between half of it and all of it."""

    random: random.Random
    first: float = 0.1
    most: float = 10.0
    _tries: int = field(default=0, init=False)

    def next_seconds(self) -> float:
        """Return how long to wait before the next try."""
        ceiling = min(self.most, self.first * float(2 ** min(self._tries, 30)))
        self._tries += 1
        return ceiling * (0.5 + self.random.random() / 2)

    def reset(self) -> None:
        """The last try succeeded."""
        self._tries = 0


@dataclass
class Brake:
    """Trips when more than `count` messages and `share` of the last `seconds` were dead letters.

    Without it a defect in our own code would empty a whole topic into the dead letters.
    """

    monotonic: Callable[[], float]
    count: int = 20
    share: float = 0.01
    seconds: float = 300.0
    _window: deque[tuple[float, int, int]] = field(default_factory=deque, init=False)
    _handled: int = field(default=0, init=False)
    _dead: int = field(default=0, init=False)

    def would_trip(self, handled: int, dead: int) -> bool:
        """Say whether a batch of these figures is one too many. Remembers nothing: it may be retried."""
        self._forget()
        all_dead = self._dead + dead
        return dead > 0 and all_dead > self.count and all_dead > self.share * (self._handled + handled)

    def passed(self, handled: int, dead: int) -> None:
        """Remember the figures of a batch whose offsets pass."""
        self._forget()
        self._window.append((self.monotonic(), handled, dead))
        self._handled += handled
        self._dead += dead

    def _forget(self) -> None:
        oldest = self.monotonic() - self.seconds
        while self._window and self._window[0][0] < oldest:
            _, handled, dead = self._window.popleft()
            self._handled -= handled
            self._dead -= dead
