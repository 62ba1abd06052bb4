"""Exponential backoff with jitter."""

import random
from dataclasses import dataclass, field


@dataclass
class Backoff:
    """Doubles from `first` to `most` seconds; each wait is random between half of that and all of it."""

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
        """Start again at `first`, after a success."""
        self._tries = 0
