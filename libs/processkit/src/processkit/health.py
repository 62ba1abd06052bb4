"""What a process says of itself: live (do not restart it) and ready (it does its work now)."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

RENEW_SECONDS = 30.0
"""A part that works in a loop says at each turn that it is there; after so long without it counts as down."""


@dataclass
class Component:
    """One part of a process. New components are down until they say otherwise.

    With `renewed_within` (seconds) what was said last holds only so long: a part that hangs cannot say so.
    """

    name: str
    renewed_within: float | None = None
    monotonic: Callable[[], float] = time.monotonic
    dead: bool = False
    _said: str | None = field(default="starting", init=False)
    _renewed: float = field(default=0.0, init=False)

    def up(self) -> None:
        """The part does its work."""
        self.beat()
        self._said = None

    def beat(self) -> None:
        """The part is under way: what it said last still holds."""
        self._renewed = self.monotonic()

    def down(self, reason: str) -> None:
        """The part does not do its work now; a restart would not help."""
        self._said = reason

    def crash(self, reason: str) -> None:
        """The part ended by a defect: the process should be restarted."""
        self._said = reason
        self.dead = True

    @property
    def is_overdue(self) -> bool:
        """Whether the part said that it works, and has given no sign of life since for too long."""
        if self._said is not None or self.renewed_within is None:
            return False
        return self.monotonic() - self._renewed > self.renewed_within

    @property
    def reason(self) -> str | None:
        """Why the part does not do its work; None if it does."""
        if self.is_overdue:
            return (
                f"no sign of life for more than {self.renewed_within:g} s: "
                "it waits for a dependency that does not answer, or hangs"
            )
        return self._said

    @property
    def is_up(self) -> bool:
        """Whether the part does its work."""
        return self.reason is None


@dataclass
class Health:
    """The components of one process. Thread-safe."""

    monotonic: Callable[[], float] = time.monotonic
    _components: dict[str, Component] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def component(self, name: str, renewed_within: float | None = None) -> Component:
        """Return the component of that name, made on the first call; see there for `renewed_within`."""
        with self._lock:
            part = self._components.setdefault(name, Component(name, monotonic=self.monotonic))
            if renewed_within is not None:
                part.renewed_within = renewed_within
            return part

    def ready(self) -> tuple[bool, dict[str, str]]:
        """Whether every component is up, and what each says."""
        reasons = {part.name: part.reason for part in self._parts()}
        good = all(reason is None for reason in reasons.values())
        return good, {name: reason or "ok" for name, reason in reasons.items()}

    def up(self) -> dict[str, bool]:
        """Of each component, whether it is up."""
        return {part.name: part.is_up for part in self._parts()}

    def live(self) -> tuple[bool, dict[str, str]]:
        """Whether no component has crashed, and the reasons of those that did."""
        dead = [part for part in self._parts() if part.dead]
        return not dead, {part.name: part.reason or "crashed" for part in dead}

    def _parts(self) -> list[Component]:
        with self._lock:
            return list(self._components.values())
