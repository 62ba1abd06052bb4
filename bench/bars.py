"""Reads bars.toml (load and limits of each group) and compares figures with the limits."""

from __future__ import annotations

import math
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("bars.toml")


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bound: for the figure itself, or for its ratio to another figure of the same run."""

    at_least: float | None = None
    at_most: float | None = None
    ratio_to: str | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a limit needs at_least or at_most")

    def holds(self, value: float) -> bool:
        """Return whether `value` keeps the limit; NaN, a figure that was not measured, never does."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is not None and value <= self.at_most

    def __str__(self) -> str:
        return f"≤ {self.at_most:g}" if self.at_least is None else f"≥ {self.at_least:g}"


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure that a group measures."""

    unit: str
    percentile: float | None = None
    limits: tuple[Limit, ...] = ()


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One benchmark: a description of its load, the duration in seconds, its figures by name."""

    name: str
    load: str
    seconds: float
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Result:
    """The median of a figure, compared with one of its limits (or with none): an entry of latest.json."""

    name: str
    value: float
    unit: str
    ratio_to: str | None
    ratio: float | None
    bar: str | None
    ok: bool


def read(file: Path = FILE) -> dict[str, Group]:
    """Return all groups by name. Raises ValueError for a misspelt entry, which would have no effect."""
    with file.open("rb") as opened:
        document = tomllib.load(opened)
    return {name: _group(name, table) for name, table in document.items()}


def _group(name: str, table: dict[str, object]) -> Group:
    try:
        return msgspec.convert({"name": name, **table}, Group)
    except msgspec.ValidationError as error:
        raise ValueError(f"bars.toml: [{name}]: {error}") from error


def judge(group: Group, runs: Sequence[Mapping[str, float]]) -> list[Result]:
    """Compare medians with their limits. Ratios are computed per run; their median counts."""
    unknown = {name for run in runs for name in run} - set(group.figures)
    if unknown:
        raise ValueError(f"{group.name} measured {sorted(unknown)}, which bars.toml does not list")
    results = []
    for measured, figure in group.figures.items():
        value = statistics.median(run.get(measured, math.nan) for run in runs)
        name = f"{group.name}.{measured}"
        if not figure.limits:
            results.append(Result(name, value, figure.unit, None, None, None, True))
        for limit in figure.limits:
            ratio = None
            if limit.ratio_to is not None:
                ratio = statistics.median(_ratio(run, measured, limit.ratio_to) for run in runs)
            holds = limit.holds(value if ratio is None else ratio)
            to = f"{group.name}.{limit.ratio_to}" if limit.ratio_to else None
            results.append(Result(name, value, figure.unit, to, ratio, str(limit), holds))
    return results


def _ratio(run: Mapping[str, float], name: str, to: str) -> float:
    below = run.get(to, math.nan)
    return run.get(name, math.nan) / below if below else math.nan
