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

    def trips(self, handled: int, dead: int) -> bool:
        """Add a batch's figures and say whether to stop."""
        now = self.monotonic()
        self._window.append((now, handled, dead))
        while self._window and self._window[0][0] < now - self.seconds:
            self._window.popleft()
        all_dead = sum(entry[2] for entry in self._window)
        all_handled = sum(entry[1] for entry in self._window)
        return all_dead > self.count and all_dead > self.share * all_handled
