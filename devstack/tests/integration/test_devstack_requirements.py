"""Without Apache Kafka, tests that need it are skipped and listed by name. In CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NEEDS_APACHE = f"{FOLDER / 'test_devstack_fixtures.py'}::test_apache_kafka_supports_the_new_group_protocol"
NEEDS_ANY = f"{FOLDER / 'test_devstack_fixtures.py'}::test_a_message_can_be_produced_and_consumed"


def _pytest(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("CI", "KAFKA_BOOTSTRAP_SERVERS")
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        env={**inherited, "MASTERJI_BROKER": "tansu", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "distributed"])
def test_the_summary_lists_skipped_tests_and_the_others_run(workers: tuple[str, ...]) -> None:
    done = _pytest(*workers, NEEDS_APACHE, NEEDS_ANY)
    assert done.returncode == 0, done.stdout
    assert "skipped without Apache Kafka: 1" in done.stdout
    assert "::test_apache_kafka_supports_the_new_group_protocol" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout


def test_in_ci_a_missing_requirement_is_a_failure() -> None:
    done = _pytest(NEEDS_APACHE, CI="1")
    assert done.returncode == 1
    assert "CI must run these tests" in done.stdout
