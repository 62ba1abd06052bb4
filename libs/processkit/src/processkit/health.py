"""The health of a process: live (no restart needed) and ready (it does its work now)."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

RENEW_SECONDS = 30.0
"""A component that works in a loop renews its state at each turn; after this long without it counts as
down."""


@dataclass
class Component:
    """One part of a process. A new component is down until it reports otherwise.

    With `renewed_within` (seconds), a report is valid only that long, because a hanging part cannot report
    it.
    """

    name: str
    renewed_within: float | None = None
    monotonic: Callable[[], float] = time.monotonic
    dead: bool = False
    _said: str | None = field(default="starting", init=False)
    _renewed: float = field(default=0.0, init=False)

    def up(self) -> None:
        """Report that the component works."""
        self.beat()
        self._said = None

    def beat(self) -> None:
        """Renew the last report."""
        self._renewed = self.monotonic()

    def down(self, reason: str) -> None:
        """Report that the component does not work now, and that a restart would not help."""
        self._said = reason

    def crash(self, reason: str) -> None:
        """Report that the component ended by a defect: the process should be restarted."""
        self._said = reason
        self.dead = True

    @property
    def is_overdue(self) -> bool:
        """Return whether the component reported that it works, but has not renewed that in time."""
        if self._said is not None or self.renewed_within is None:
            return False
        return self.monotonic() - self._renewed > self.renewed_within

    @property
    def reason(self) -> str | None:
        """Return why the component does not work; None if it does."""
        if self.is_overdue:
            return (
                f"no sign of life for more than {self.renewed_within:g} s: "
                "it waits for a dependency that does not answer, or hangs"
            )
        return self._said

    @property
    def is_up(self) -> bool:
        """Return whether the component works."""
        return self.reason is None


@dataclass
class Health:
    """The components of one process. Thread-safe."""

    monotonic: Callable[[], float] = time.monotonic
    _components: dict[str, Component] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def component(self, name: str, renewed_within: float | None = None) -> Component:
        """Return the component of that name; the first call creates it. See Component for
        `renewed_within`."""
        with self._lock:
            part = self._components.setdefault(name, Component(name, monotonic=self.monotonic))
            if renewed_within is not None:
                part.renewed_within = renewed_within
            return part

    def ready(self) -> tuple[bool, dict[str, str]]:
        """Return whether every component is up, and "ok" or the reason of each."""
        reasons = {part.name: part.reason for part in self._parts()}
        good = all(reason is None for reason in reasons.values())
        return good, {name: reason or "ok" for name, reason in reasons.items()}

    def up(self) -> dict[str, bool]:
        """Return for each component whether it is up."""
        return {part.name: part.is_up for part in self._parts()}

    def live(self) -> tuple[bool, dict[str, str]]:
        """Return whether no component has crashed, and the reasons of those that did."""
        dead = [part for part in self._parts() if part.dead]
        return not dead, {part.name: part.reason or "crashed" for part in dead}

    def _parts(self) -> list[Component]:
        with self._lock:
            return list(self._components.values())
