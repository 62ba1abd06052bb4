"""A circuit breaker that stops a consumer before it turns too many messages into dead letters."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Brake:
    """Trips if more than `count` messages, and more than `share` of all messages, became dead letters in the
    last `seconds`.

    Without it, a bug in our code would turn a whole topic into dead letters.
    """

    monotonic: Callable[[], float]
    count: int = 20
    share: float = 0.01
    seconds: float = 300.0
    _window: deque[tuple[float, int, int]] = field(default_factory=deque, init=False)
    _handled: int = field(default=0, init=False)
    _dead: int = field(default=0, init=False)

    def would_trip(self, handled: int, dead: int) -> bool:
        """Return whether a batch of these counts would trip it. Stores nothing: the batch may be retried."""
        self._forget()
        all_dead = self._dead + dead
        return dead > 0 and all_dead > self.count and all_dead > self.share * (self._handled + handled)

    def passed(self, handled: int, dead: int) -> None:
        """Add the counts of a batch whose offsets were committed."""
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
