"""Skips tests whose requirements are missing on this machine, and lists them at the end."""

import os
from dataclasses import dataclass
from typing import NoReturn

import pytest


@dataclass(frozen=True, slots=True)
class Requirement:
    """Software that some tests need. `remedy` is a sentence that says how to get it."""

    what: str
    remedy: str

    @property
    def reason(self) -> str:
        """The reason for skipping a test."""
        return f"skipped without {self.what}"


APACHE_KAFKA = Requirement(
    "Apache Kafka", "Install Java 17+ and Maven, or set KAFKA_BOOTSTRAP_SERVERS, to run them."
)
PROMTOOL = Requirement(
    "promtool",
    "Install Debian's package prometheus (apt-get install --no-install-recommends prometheus) to run them.",
)
CHROMIUM = Requirement(
    "Chromium",
    "Install Debian's package chromium-headless-shell, or chromium (apt-get install chromium), to run them.",
)
_REQUIREMENTS = (APACHE_KAFKA, PROMTOOL, CHROMIUM)


def leave_out(missing: Requirement) -> NoReturn:
    """Skip the running test because of a missing requirement. In CI (if the variable CI is set) fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"{missing.reason}. CI must run these tests. {missing.remedy}", pytrace=False)
    pytest.skip(missing.reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the tests that were skipped for a missing requirement."""
    # Read from the reports, because the workers of a distributed run send them too.
    skipped = terminalreporter.stats.get("skipped", [])
    for missing in _REQUIREMENTS:
        names = [report.nodeid for report in skipped if missing.reason in str(report.longrepr)]
        if names:
            terminalreporter.section(f"{missing.reason}: {len(names)}", yellow=True)
            for name in names:
                terminalreporter.line(name)
            terminalreporter.line(missing.remedy)
