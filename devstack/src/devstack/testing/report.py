"""What the tests had to leave out, for lack of something that this machine does not have."""

import os
from dataclasses import dataclass
from typing import NoReturn

import pytest


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that some tests need. `mend` is a sentence that says how to get it."""

    what: str
    mend: str

    @property
    def reason(self) -> str:
        """Why a test is skipped."""
        return f"left out for lack of {self.what}"


APACHE_KAFKA = Lack(
    "Apache Kafka", "Install Java 17+ and Maven, or set KAFKA_BOOTSTRAP_SERVERS, to run them."
)
PROMTOOL = Lack(
    "promtool",
    "Install Debian's package prometheus (apt-get install --no-install-recommends prometheus) to run them.",
)
CHROMIUM = Lack(
    "Chromium",
    "Install Debian's package chromium-headless-shell, or chromium (apt-get install chromium), to run them.",
)
_LACKS = (APACHE_KAFKA, PROMTOOL, CHROMIUM)


def leave_out(lack: Lack) -> NoReturn:
    """Skip the test that is running, for this lack; under CI (variable CI set) fail it instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{lack.reason}. CI must run these tests. {lack.mend}", pytrace=False)
    pytest.skip(lack.reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the tests that were left out, so that a green run cannot be taken for a whole one."""
    # From the reports, which also the workers of a distributed run send.
    skipped = terminalreporter.stats.get("skipped", [])
    for lack in _LACKS:
        names = [report.nodeid for report in skipped if lack.reason in str(report.longrepr)]
        if names:
            terminalreporter.section(f"{lack.reason}: {len(names)}", yellow=True)
            for name in names:
                terminalreporter.line(name)
            terminalreporter.line(lack.mend)
