"""What the fallback broker made the tests leave out."""

import os

import pytest

LEFT_OUT = pytest.StashKey[list[str]]()
REASON = "needs Apache Kafka; only the in-memory Tansu broker can run here"


def leave_out(item: pytest.Item) -> None:
    """Skip a test that needs Apache Kafka and remember it; under CI (variable CI set) fail it instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{REASON}. CI must run these tests: install Java 17+ and Maven.", pytrace=False)
    item.config.stash.setdefault(LEFT_OUT, []).append(item.nodeid)
    pytest.skip(REASON)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List the tests that were left out, so that a green run cannot be taken for a whole one."""
    left_out = config.stash.get(LEFT_OUT, [])
    if not left_out:
        return
    terminalreporter.section(f"left out for lack of Apache Kafka: {len(left_out)}", yellow=True)
    for name in left_out:
        terminalreporter.line(name)
    terminalreporter.line("Install Java 17+ and Maven, or set KAFKA_BOOTSTRAP_SERVERS, to run them.")
