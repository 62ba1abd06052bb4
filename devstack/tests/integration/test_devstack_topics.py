"""`masterji topics` on a real broker."""

import os
import subprocess
import sys

import pytest

from devstack import ports


def _topics(bootstrap: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "devstack", "topics", *arguments],
        env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": bootstrap},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.kafka_protocol
def test_a_single_replica_is_refused_outside_development(kafka_bootstrap: str) -> None:
    created = _topics(kafka_bootstrap, "create", "--dev")
    assert created.returncode == 0, created.stderr
    again = _topics(kafka_bootstrap, "create", "--dev")
    assert again.stdout.startswith("0 topics were created")
    assert _topics(kafka_bootstrap, "check", "--dev").returncode == 0
    refused = _topics(kafka_bootstrap, "check")
    assert refused.returncode == 1
    assert "stripe.checkout: replication factor 1, must be at least 3" in refused.stderr
    assert "stripe.checkout: min.insync.replicas is below 2" in refused.stderr
    assert "enrollment.dlq: replication factor 1" in refused.stderr


def test_a_missing_broker_setting_is_reported() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devstack", "topics", "check"],
        env={name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("KAFKA_BOOTSTRAP_SERVERS is not set")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("action", ["check", "create"])
def test_an_unreachable_broker_is_reported(action: str) -> None:
    done = _topics(f"127.0.0.1:{ports.pick()}", action)
    assert done.returncode == 1
    assert "masterji: Kafka at 127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr
