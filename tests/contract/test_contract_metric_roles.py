"""Exactly the roles of a metric export it if alerts use it; no other role exports it as 0."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from devstack import loopback, ports
from devstack.reference.alerts import read_alerts
from devstack.reference.metrics import declared

ROOT = Path(__file__).resolve().parents[2]
EXPRESSIONS = " ".join(alert.expression for alert in read_alerts(ROOT / "deploy" / "alerts"))
ALERTED = [metric for metric in declared() if metric.roles and re.search(rf"\b{metric.name}\b", EXPRESSIONS)]
"""The metrics of alerts that a process without their role must not export."""
CASES = [
    ("checkout", "api"),
    ("checkout", "relay"),
    ("checkout", "clock"),
    ("checkout", "refunds"),
    ("checkout", "refresher"),
    ("enrollment", "api"),
    ("enrollment", "relay"),
    ("enrollment", "clock"),
    ("enrollment", "refresher"),
    ("notifications", "api"),
    ("notifications", "clock"),
    ("notifications", "sender"),
    ("reporting", "clock"),
]


def expected(service: str, role: str) -> set[str]:
    """Return the alerted metrics that processes of this role export.

    A service without a relay has no outbox.
    """
    roles = {each for name, each in CASES if name == service}
    return {
        metric.name
        for metric in ALERTED
        if metric.package in ("messaging", service) and role in metric.roles and set(metric.roles) <= roles
    }


def exported(url: str, process: "subprocess.Popen[bytes]", wanted: set[str]) -> set[str]:
    """The alerted metrics on the metrics page, once it has all that are wanted and the process is ready."""
    deadline = time.monotonic() + 60
    alerted = {metric.name for metric in ALERTED}
    found: set[str] = set()
    while time.monotonic() < deadline:
        assert process.poll() is None, "the process ended"
        try:
            page = loopback.get(f"{url}/metrics").text
        except httpx.TransportError:
            page = ""
        found = {re.split(r"[{ ]", line)[0] for line in page.splitlines()} & alerted
        if page and found >= wanted and loopback.get(f"{url}/health/ready").status_code == 200:
            break
        time.sleep(0.1)
    return found


def test_metrics_of_each_service_with_a_database_are_alerted() -> None:
    assert {metric.package for metric in ALERTED} == {"messaging", "checkout", "enrollment", "notifications"}


@pytest.mark.parametrize(("service", "role"), CASES)
def test_a_role_exports_exactly_the_alerted_metrics_that_it_measures(
    make_database: Callable[..., str],
    kafka_with_topics: str,
    settings_env: dict[str, str],
    sandbox_url: str,
    service: str,
    role: str,
) -> None:
    port = ports.pick()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ},
        **settings_env,
        "STRIPE_API_BASE": sandbox_url,
        "DATABASE_URL": make_database(ROOT / "services" / service),
        "KAFKA_BOOTSTRAP_SERVERS": kafka_with_topics,
        "PORT": str(port),
    }
    wanted = expected(service, role)
    process = subprocess.Popen([sys.executable, "-m", service, role], env=environment)
    try:
        assert exported(f"http://127.0.0.1:{port}", process, wanted) == wanted
    finally:
        process.kill()
        process.wait()
