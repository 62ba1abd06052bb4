"""Reads bars.toml (load and limits of each group) and compares figures with the limits."""

from __future__ import annotations

import math
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("bars.toml")
_LIMIT_NAMES = {"ratio_to", "at_least", "at_most"}
_FIGURE_NAMES = {"unit", "percentile", "limits"}


@dataclass(frozen=True, slots=True)
class Limit:
    """At least or at most `bound`: for the figure itself, or its ratio to another figure of the same run."""

    bound: float
    at_least: bool
    ratio_to: str | None = None

    def holds(self, value: float) -> bool:
        """Return whether `value` keeps the limit; NaN, a figure that was not measured, never does."""
        return not math.isnan(value) and (value >= self.bound if self.at_least else value <= self.bound)

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a group measures."""

    name: str
    unit: str
    percentile: float | None
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One benchmark: a description of its load, the duration in seconds, its figures."""

    name: str
    load: str
    seconds: float
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The median of a figure, compared with one of its limits (or with none)."""

    name: str
    value: float
    unit: str
    ratio_to: str | None
    ratio: float | None
    bar: str | None
    ok: bool

    def as_json(self) -> dict[str, object]:
        """Return the entry in latest.json."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "ratio_to": self.ratio_to,
            "ratio": self.ratio,
            "bar": self.bar,
            "ok": self.ok,
        }


def read(file: Path = FILE) -> dict[str, Group]:
    """Return all groups by name. Raises ValueError for a misspelt entry, which would have no effect."""
    with file.open("rb") as opened:
        document = tomllib.load(opened)
    return {name: _group(name, table) for name, table in document.items()}


def judge(group: Group, runs: Sequence[Mapping[str, float]]) -> list[Result]:
    """Compare medians with their limits. Ratios are computed per run; their median counts."""
    unknown = {name for run in runs for name in run} - {figure.name for figure in group.figures}
    if unknown:
        raise ValueError(f"{group.name} measured {sorted(unknown)}, which bars.toml does not list")
    results = []
    for figure in group.figures:
        value = statistics.median(run.get(figure.name, math.nan) for run in runs)
        name = f"{group.name}.{figure.name}"
        if not figure.limits:
            results.append(Result(name, value, figure.unit, None, None, None, True))
        for limit in figure.limits:
            ratio = None
            if limit.ratio_to is not None:
                ratio = statistics.median(_ratio(run, figure.name, limit.ratio_to) for run in runs)
            holds = limit.holds(value if ratio is None else ratio)
            to = f"{group.name}.{limit.ratio_to}" if limit.ratio_to else None
            results.append(Result(name, value, figure.unit, to, ratio, str(limit), holds))
    return results


def _ratio(run: Mapping[str, float], name: str, to: str) -> float:
    below = run.get(to, math.nan)
    return run.get(name, math.nan) / below if below else math.nan


def _group(name: str, table: dict[str, object]) -> Group:
    figures = table.get("figures")
    if not isinstance(figures, dict) or set(table) != {"load", "seconds", "figures"}:
        raise ValueError(f"bars.toml: [{name}] needs exactly load, seconds and figures")
    seconds = table["seconds"]
    assert isinstance(seconds, int | float)
    return Group(
        name, str(table["load"]), float(seconds), tuple(_figure(key, value) for key, value in figures.items())
    )


def _figure(name: str, table: dict[str, object]) -> Figure:
    if set(table) - _FIGURE_NAMES or "unit" not in table:
        raise ValueError(f"bars.toml: figure {name} needs a unit and may have only {sorted(_FIGURE_NAMES)}")
    limits, percentile = table.get("limits", []), table.get("percentile")
    assert isinstance(limits, list)
    assert percentile is None or isinstance(percentile, int | float)
    return Figure(name, str(table["unit"]), percentile, tuple(_limit(name, entry) for entry in limits))


def _limit(name: str, entry: dict[str, object]) -> Limit:
    bounds = {"at_least", "at_most"} & set(entry)
    if set(entry) - _LIMIT_NAMES or len(bounds) != 1:
        raise ValueError(f"bars.toml: a limit of {name} needs at_least or at_most, and may have ratio_to")
    [kind] = bounds
    bound, ratio_to = entry[kind], entry.get("ratio_to")
    assert isinstance(bound, int | float)
    return Limit(float(bound), kind == "at_least", str(ratio_to) if ratio_to is not None else None)
