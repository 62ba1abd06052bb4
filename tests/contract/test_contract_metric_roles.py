"""Exactly the roles in the runbook export the metrics that alerts use; no other role exports them as 0."""

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
from devstack.tokens import TokenIssuer

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SOURCES = "\n".join(
    page.read_text(encoding="utf-8")
    for folder in ("libs", "services")
    for page in (ROOT / folder).rglob("src/**/*.py")
)
ROLE_METRICS = set(re.findall(r"\bFigure\(\s*\"([a-z_]+)\"", SOURCES))
"""Metrics that a process without their role must not export."""
SERVICES = ("checkout", "enrollment", "notifications", "reporting")
SETTINGS = {
    "APP_URL": "https://shop.example",
    "SIGN_IN_URL": "https://id.example/sign-in",
    "TERMS_VERSION": "2026-01",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "Masterji <hello@example.com>",
}


def metrics_by_role() -> dict[tuple[str, str], set[str]]:
    """By service and role: the metrics that it exports according to the table of alerts."""
    rows = re.findall(r"^\| `([a-z_]+)`[^|]*\| ([^|]*) \|[^|]*\|[^|]*\|$", RUNBOOK, re.MULTILINE)
    table: dict[tuple[str, str], set[str]] = {}
    for metric, cell in rows:
        if metric not in ROLE_METRICS:
            continue
        own = [service for service in SERVICES if metric.startswith(f"{service}_")]
        services = own or [service for service in SERVICES if service in cell] or SERVICES
        for service in services:
            for role in re.findall(r"`(\w+)`", cell):
                table.setdefault((service, role), set()).add(metric)
    return table


ALERTED_METRICS = set().union(*metrics_by_role().values())


def exported(url: str, process: "subprocess.Popen[bytes]", wanted: set[str]) -> set[str]:
    """The alerted metrics on the metrics page, once it has all that are wanted and the process is ready."""
    deadline = time.monotonic() + 60
    found: set[str] = set()
    while time.monotonic() < deadline:
        assert process.poll() is None, "the process ended"
        try:
            page = loopback.get(f"{url}/metrics").text
        except httpx.TransportError:
            page = ""
        found = {re.split(r"[{ ]", line)[0] for line in page.splitlines()} & ALERTED_METRICS
        if page and found >= wanted and loopback.get(f"{url}/health/ready").status_code == 200:
            break
        time.sleep(0.1)
    return found


def test_every_alerted_metric_has_a_role() -> None:
    rules = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "deploy" / "alerts").glob("*.yaml"))
    assert len(ROLE_METRICS) >= 10
    assert {metric for metric in ROLE_METRICS if re.search(rf"\b{metric}\b", rules)} == ALERTED_METRICS


@pytest.mark.parametrize(
    ("service", "role"),
    [
        ("checkout", "api"),
        ("checkout", "relay"),
        ("checkout", "clock"),
        ("checkout", "refunds"),
        ("enrollment", "api"),
        ("enrollment", "relay"),
        ("enrollment", "clock"),
        ("enrollment", "refresher"),
        ("notifications", "api"),
        ("notifications", "clock"),
        ("notifications", "sender"),
        ("reporting", "clock"),
    ],
)
def test_a_role_exports_exactly_the_metrics_in_the_runbook(
    make_database: Callable[..., str],
    kafka_with_topics: str,
    jwt_issuer: TokenIssuer,
    service: str,
    role: str,
) -> None:
    port = ports.pick()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ},
        **SETTINGS,
        **jwt_issuer.settings_env,
        "DATABASE_URL": make_database(ROOT / "services" / service),
        "KAFKA_BOOTSTRAP_SERVERS": kafka_with_topics,
        "PORT": str(port),
    }
    wanted = metrics_by_role().get((service, role), set())
    process = subprocess.Popen([sys.executable, "-m", service, role], env=environment)
    try:
        assert exported(f"http://127.0.0.1:{port}", process, wanted) == wanted
    finally:
        process.kill()
        process.wait()
