"""The roles that the runbook names export the figures that alerts rest on; no other role says 0 of them."""

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
FIGURES = set(re.findall(r"\bFigure\(\s*\"([a-z_]+)\"", SOURCES))
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


def told_by() -> dict[tuple[str, str], set[str]]:
    """By service and role: the figures that the table of alerts says it tells."""
    rows = re.findall(r"^\| `([a-z_]+)`[^|]*\| ([^|]*) \|[^|]*\|[^|]*\|$", RUNBOOK, re.MULTILINE)
    table: dict[tuple[str, str], set[str]] = {}
    for metric, cell in rows:
        if metric not in FIGURES:
            continue
        own = [service for service in SERVICES if metric.startswith(f"{service}_")]
        services = own or [service for service in SERVICES if service in cell] or SERVICES
        for service in services:
            for role in re.findall(r"`(\w+)`", cell):
                table.setdefault((service, role), set()).add(metric)
    return table


ALERTED = set().union(*told_by().values())


def exported(url: str, process: "subprocess.Popen[bytes]", wanted: set[str]) -> set[str]:
    """The alerted figures on the metrics page, once all those wanted are there and the process is up."""
    deadline = time.monotonic() + 60
    found: set[str] = set()
    while time.monotonic() < deadline:
        assert process.poll() is None, "the process ended"
        try:
            page = loopback.get(f"{url}/metrics").text
        except httpx.TransportError:
            page = ""
        found = {re.split(r"[{ ]", line)[0] for line in page.splitlines()} & ALERTED
        if page and found >= wanted and loopback.get(f"{url}/health/ready").status_code == 200:
            break
        time.sleep(0.1)
    return found


def test_every_alerted_figure_has_a_role() -> None:
    rules = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "deploy" / "alerts").glob("*.yaml"))
    assert len(FIGURES) >= 10
    assert {figure for figure in FIGURES if re.search(rf"\b{figure}\b", rules)} == ALERTED


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
def test_a_role_tells_what_the_runbook_says_and_nothing_else(
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
    wanted = told_by().get((service, role), set())
    process = subprocess.Popen([sys.executable, "-m", service, role], env=environment)
    try:
        assert exported(f"http://127.0.0.1:{port}", process, wanted) == wanted
    finally:
        process.kill()
        process.wait()
