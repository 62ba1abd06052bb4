"""The alert rules, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule of a file in deploy/alerts."""

    file: str
    name: str
    expression: str
    """PromQL."""
    lasts: str
    """How long the condition must last, such as `5m`; empty: it fires at once."""
    severity: str
    """`page` wakes the engineer on call; `warn` does not."""
    summary: str
    runbook: str
    """Path of the page and anchor of the section that says what to do."""

    @property
    def pages(self) -> bool:
        """Whether the alert wakes the engineer on call."""
        return self.severity == "page"


def read_alerts(folder: Path) -> list[Alert]:
    """Return the alerts of all rule files of the folder, in the order of the files."""
    return [
        _alert(path.name, rule)
        for path in sorted(folder.glob("*.yaml"))
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


def _alert(file: str, rule: Mapping[str, Any]) -> Alert:
    notes = rule.get("annotations", {})
    return Alert(
        file=file,
        name=rule["alert"],
        expression=" ".join(str(rule["expr"]).split()),
        lasts=str(rule.get("for", "")),
        severity=rule.get("labels", {}).get("severity", ""),
        summary=notes.get("summary", ""),
        runbook=notes.get("runbook", ""),
    )
