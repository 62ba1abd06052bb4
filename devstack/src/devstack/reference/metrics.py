"""docs/metrics.md: every metric that the processes export, and every alert."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from prometheus_client.metrics import MetricWrapperBase

from devstack.reference.alerts import Alert
from devstack.reference.markdown import code, paragraph, table
from processkit.metrics import Computed, Figure

LIBRARIES = ("processkit", "messaging", "servicekit")
SERVICES = ("checkout", "webhook_ingest", "enrollment", "notifications", "reporting")
INTRODUCTION = (
    "Every process serves its metrics at `/metrics`. [operations.md](operations.md) says what to do when an "
    "alert fires; one with the severity **page** wakes the engineer on call. A metric that names roles is "
    "exported by processes with one of these roles only, and disappears one minute after its last "
    "measurement: it is never 0 merely because no process measures it."
)
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """A metric as the code declares it."""

    package: str
    name: str
    """As it is declared: a counter's name ends in `_total`."""
    kind: str
    labels: tuple[str, ...]
    meaning: str
    roles: tuple[str, ...] = ()
    """The only roles whose processes export it; empty: every process of the package."""

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its time series, as Prometheus stores them."""
        base = self.name.removesuffix("_total")
        return tuple(base + suffix for suffix in _SUFFIXES[self.kind])


def declared() -> list[MetricInfo]:
    """Return every metric of the libraries and the services."""
    found: dict[str, MetricInfo] = {}
    for package in (*LIBRARIES, *SERVICES):
        for module in _modules(package):
            for value in vars(module).values():
                info = _info(package, value)
                if info is not None:
                    found.setdefault(info.name, info)
    return list(found.values())


def page(alerts: Sequence[Alert]) -> Iterator[str]:
    """Return the lines of docs/metrics.md."""
    yield "# Metrics and alerts"
    yield from ("", *paragraph(INTRODUCTION), "", "## Alerts")
    for file, rules in groupby(alerts, key=lambda alert: alert.file):
        yield ""
        yield f"From [{file}](../deploy/alerts/{file}):"
        yield ""
        yield from table(("alert", "severity", "condition", "for", "runbook"), map(_alert_row, rules))
    for package, metrics in groupby(declared(), key=lambda metric: metric.package):
        yield ""
        yield f"## Metrics of {package.replace('_', '-')}"
        yield ""
        yield from table(
            ("metric", "type", "labels", "only from roles", "meaning"), map(_metric_row, metrics)
        )


def _alert_row(alert: Alert) -> Sequence[str]:
    path, _, anchor = alert.runbook.partition("#")
    link = f"[{anchor.replace('-', ' ').capitalize()}]({PurePosixPath(path).name}#{anchor})"
    severity = f"**{alert.severity}**" if alert.pages else alert.severity
    return (code(alert.name), severity, code(alert.expression), alert.lasts, link)


def _metric_row(metric: MetricInfo) -> Sequence[str]:
    return (
        code(metric.name),
        metric.kind,
        _codes(metric.labels),
        _codes(metric.roles),
        metric.meaning,
    )


def _codes(names: Iterable[str]) -> str:
    return " ".join(map(code, names))


def _modules(package: str) -> Iterator[object]:
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _info(package: str, value: object) -> MetricInfo | None:
    if isinstance(value, Figure | Computed):
        return MetricInfo(package, value.name, "gauge", value.labels, value.documentation, value.roles)
    if isinstance(value, MetricWrapperBase):
        [family] = value.describe()
        name = f"{family.name}_total" if family.type == "counter" else family.name
        return MetricInfo(package, name, family.type, value._labelnames, family.documentation)
    return None
