"""Gauges that only the processes that know their value export."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

FRESH_SECONDS = 60.0


class Figure(Collector):
    """A gauge that has no value until it is set, nor once it has not been set for `fresh_seconds`.

    A plain gauge exports 0 in every process that never sets it, and keeps its last value after its worker has
    stopped. With this one, Prometheus's `absent()` reports that no process measures it. `roles` names the
    roles whose processes measure it, for the documentation. Thread-safe.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        roles: Sequence[str] = (),
        fresh_seconds: float = FRESH_SECONDS,
        registry: CollectorRegistry = REGISTRY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.documentation = documentation
        self.labels = tuple(labels)
        self.roles = tuple(roles)
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._values: dict[tuple[str, ...], tuple[float, float]] = {}
        registry.register(self)

    def set(self, value: float, *labels: str) -> None:
        """Export this value from now on, with these label values. Raises ValueError if their number is
        wrong."""
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {labels}")
        with self._lock:
            self._values[labels] = (float(value), self._monotonic())

    def collect(self) -> Iterable[Metric]:
        """Return the current values, for the registry."""
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        known_since = self._monotonic() - self._fresh_seconds
        with self._lock:
            self._values = {key: known for key, known in self._values.items() if known[1] >= known_since}
            for labels, (value, _) in self._values.items():
                family.add_metric(labels, value)
        return [family]


Values = Mapping[tuple[str, ...], float]


class Computed(Collector):
    """A gauge whose values its sources compute at each scrape. Thread-safe.

    No last value is kept: a source that was removed, or has no value, exports nothing.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self.name = name
        self.documentation = documentation
        self.labels = tuple(labels)
        self.roles: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._sources: tuple[Callable[[], Values], ...] = ()
        registry.register(self)

    def add(self, source: Callable[[], Values]) -> Callable[[], None]:
        """Call `source` at each scrape for its values by label. Returns a function that removes it."""
        with self._lock:
            self._sources = (*self._sources, source)
        return lambda: self._remove(source)

    def _remove(self, source: Callable[[], Values]) -> None:
        with self._lock:
            self._sources = tuple(each for each in self._sources if each is not source)

    def collect(self) -> Iterable[Metric]:
        """Return the sources' current values, for the registry."""
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        values: dict[tuple[str, ...], float] = {}
        for source in self._sources:
            values.update(source())
        for labels, value in values.items():
            family.add_metric(labels, value)
        return [family]
