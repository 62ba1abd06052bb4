"""The process: it starts from its command line, serves, and ends on SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack import ports
from devstack.tokens import TokenIssuer

FOLDER = Path(__file__).resolve().parents[2]


MAIL = {
    "APP_URL": "https://learn.example.com",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": "Masterji <hello@example.com>",
}


def start(role: str, dsn: str, issuer: TokenIssuer, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **MAIL, **issuer.settings_env, "DATABASE_URL": dsn, "PORT": str(port)}
    return subprocess.Popen([sys.executable, "-m", "notifications", role], env=environment, cwd=FOLDER)


def until_ready(port: int, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"not ready; exit code {process.poll()}")


@pytest.mark.parametrize("role", ["api", "sender"])
def test_a_role_becomes_ready_and_ends_on_sigterm(
    make_database: Callable[..., str], jwt_issuer: TokenIssuer, role: str
) -> None:
    port = ports.pick()
    process = start(role, make_database(FOLDER), jwt_issuer, port)
    try:
        component = {"sender": "sender-2"}.get(role, role)
        assert f'"{component}":"ok"' in until_ready(port, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


def test_a_missing_variable_stops_the_start_with_a_sentence() -> None:
    environment = {name: value for name, value in {**os.environ, **MAIL}.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "notifications", "api"],
        env=environment,
        cwd=FOLDER,
        capture_output=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert b"DATABASE_URL is not set" in done.stderr
