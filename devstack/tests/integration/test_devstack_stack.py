"""`masterji up`, `down` and the commands between them, with one of the five services."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from devstack import loopback, reaper, waiting
from devstack.demo.run import addresses
from devstack.stack.state import Running, State
from devstack.testing.folders import open_folder

ROOT = Path(__file__).resolve().parents[3]
COMMAND = re.compile(r"`([^`]+)`")
OWN_SERVERS = {
    name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "DATABASE_URL"))
}


def masterji(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "devstack", "--state", str(folder), *arguments],
        cwd=ROOT,
        env=OWN_SERVERS,
        capture_output=True,
        text=True,
        timeout=250,
    )


def run_as_printed(command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that `masterji` printed, in the folder in which it was printed."""
    return subprocess.run(
        shlex.split(command), cwd=ROOT, env=OWN_SERVERS, capture_output=True, text=True, timeout=250
    )


def up(folder: Path) -> Running:
    done = masterji(folder, "up", "--detach", "--only", "webhook-ingest")
    assert done.returncode == 0, done.stderr
    running = State(folder).read()
    assert running is not None
    return running


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder("masterji-stack-") as place:
        yield place
        masterji(place, "down")


def test_up_starts_the_stack_and_down_stops_every_process(folder: Path) -> None:
    running = up(folder)
    status = json.loads(masterji(folder, "status", "--json").stdout)
    ingest = status["services"]["webhook-ingest"]["url"]
    assert loopback.get(f"{ingest}/health/ready").status_code == 200
    assert loopback.get(f"{status['inbox']}/api/messages").json()["total"] == 0
    _token_verifies(folder, running)
    _one_process_at_a_time(folder, ingest)
    assert masterji(folder, "url", "webhook-ingest").stdout == f"{ingest}\n"
    assert masterji(folder, "url", "sandbox").stdout == f"{status['stripe_api_base']}\n"
    refused = masterji(folder, "up", "--detach")
    assert refused.returncode == 1
    assert "already runs" in refused.stderr
    assert masterji(folder, "down").returncode == 0
    assert reaper.owned(running.owner) == []
    assert not running.alive()
    assert masterji(folder, "status").returncode == 1


def _token_verifies(folder: Path, running: Running) -> None:
    token = masterji(
        folder, "token", "--user", "u_1", "--email", "a@example.com", "--role", "admin"
    ).stdout.strip()
    keys = jwt.PyJWKSet.from_dict(loopback.get(f"{running.issuer}/.well-known/jwks.json").json())
    claims = jwt.decode(
        token, keys.keys[0].key, algorithms=["RS256"], audience="masterji", issuer=running.issuer
    )
    assert (claims["sub"], claims["email"], claims["roles"]) == ("u_1", "a@example.com", ["admin"])


def _one_process_at_a_time(folder: Path, ingest: str) -> None:
    assert masterji(folder, "stop", "webhook-ingest").returncode == 0
    with pytest.raises(httpx.ConnectError):
        loopback.get(f"{ingest}/health/live")
    assert masterji(folder, "start", "webhook-ingest").returncode == 0
    waiting.until(lambda: _answers(ingest), 30, lambda: "webhook-ingest did not come back")
    unknown = masterji(folder, "stop", "nonsense")
    assert unknown.returncode == 1
    assert "Unknown process: nonsense" in unknown.stderr


def _answers(url: str) -> bool:
    try:
        return loopback.get(f"{url}/health/ready").status_code == 200
    except httpx.HTTPError:
        return False


def test_every_process_ends_when_the_supervisor_is_killed(folder: Path) -> None:
    running = up(folder)
    assert len(reaper.owned(running.owner)) >= 5
    os.kill(running.pid, signal.SIGKILL)
    waiting.until(
        lambda: reaper.owned(running.owner) == [], 20, lambda: f"still running: {reaper.owned(running.owner)}"
    )
    # Its data can be used again.
    again = up(folder)
    assert again.owner != running.owner


def test_every_printed_command_works_as_printed(folder: Path) -> None:
    """Each message names the next command with the program's path and the state folder."""
    missing = masterji(folder, "status")
    [start] = COMMAND.findall(missing.stderr)
    started = run_as_printed(f"{start} --only webhook-ingest")
    assert started.returncode == 0, started.stderr
    again = masterji(folder, "up", "--detach")
    foreground = masterji(folder, "up")
    assert (again.returncode, foreground.returncode) == (1, 1)
    [show, _] = COMMAND.findall(foreground.stderr)
    assert "webhook-ingest" in run_as_printed(show).stdout
    state = State(folder)
    [token] = COMMAND.findall(addresses(state.require().status, state))
    assert run_as_printed(token).stdout.count(".") == 2
    [stop] = {COMMAND.findall(text)[-1] for text in (started.stdout, again.stderr, foreground.stderr)}
    assert run_as_printed(stop).stdout == "The stack is down.\n"


def test_up_in_the_background_says_what_it_waits_for(folder: Path) -> None:
    done = masterji(folder, "up", "--detach", "--only", "webhook-ingest")
    lines = done.stderr.splitlines()
    assert lines[0] == f"Starting in the background. Log: {folder / 'masterji.log'}"
    assert "Waiting for Kafka, PostgreSQL …" in lines
    assert any(line.startswith("Waiting for ") and "webhook-ingest" in line for line in lines)
    assert done.stdout.startswith("The stack is up.")
