"""What a process says of itself: live (do not restart it) and ready (it does its work now)."""

import threading
from dataclasses import dataclass, field


@dataclass
class Component:
    """One part of a process. New components are down until they say otherwise."""

    name: str
    reason: str | None = "starting"
    dead: bool = False

    def up(self) -> None:
        """The part does its work."""
        self.reason = None

    def down(self, reason: str) -> None:
        """The part does not do its work now; a restart would not help."""
        self.reason = reason

    def crash(self, reason: str) -> None:
        """The part ended by a defect: the process should be restarted."""
        self.reason = reason
        self.dead = True

    @property
    def is_up(self) -> bool:
        """Whether the part does its work."""
        return self.reason is None


@dataclass
class Health:
    """The components of one process. Thread-safe."""

    _components: dict[str, Component] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def component(self, name: str) -> Component:
        """Return the component of that name, made on the first call."""
        with self._lock:
            return self._components.setdefault(name, Component(name))

    def ready(self) -> tuple[bool, dict[str, str]]:
        """Whether every component is up, and what each says."""
        with self._lock:
            parts = list(self._components.values())
        return all(part.is_up for part in parts), {part.name: part.reason or "ok" for part in parts}

    def live(self) -> tuple[bool, dict[str, str]]:
        """Whether no component has crashed, and the reasons of those that did."""
        with self._lock:
            dead = [part for part in self._components.values() if part.dead]
        return not dead, {part.name: part.reason or "crashed" for part in dead}
