"""Without Apache Kafka the tests that need it are left out by name; under CI that is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NEEDS_APACHE = f"{FOLDER / 'test_devstack_fixtures.py'}::test_apache_kafka_serves_groups_of_the_new_protocol"
NEEDS_ANY = f"{FOLDER / 'test_devstack_fixtures.py'}::test_a_topic_carries_a_message"


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
def test_the_summary_names_what_was_left_out_and_the_rest_runs(workers: tuple[str, ...]) -> None:
    done = _pytest(*workers, NEEDS_APACHE, NEEDS_ANY)
    assert done.returncode == 0, done.stdout
    assert "left out for lack of Apache Kafka: 1" in done.stdout
    assert "::test_apache_kafka_serves_groups_of_the_new_protocol" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout


def test_under_ci_a_test_left_out_is_a_failure() -> None:
    done = _pytest(NEEDS_APACHE, CI="1")
    assert done.returncode == 1
    assert "CI must run these tests" in done.stdout
