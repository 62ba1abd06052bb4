"""`masterji up`, `down` and what is between, with one service of the five."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from devstack import loopback, reaper, waiting
from devstack.stack.state import Running, State
from devstack.testing.folders import open_folder

OWN_SERVERS = {
    name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "DATABASE_URL"))
}


def masterji(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "devstack", "--state", str(folder), *arguments],
        env=OWN_SERVERS,
        capture_output=True,
        text=True,
        timeout=250,
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


def test_up_serves_and_down_leaves_nothing(folder: Path) -> None:
    running = up(folder)
    status = json.loads(masterji(folder, "status", "--json").stdout)
    ingest = status["services"]["webhook-ingest"]["url"]
    assert loopback.get(f"{ingest}/health/ready").status_code == 200
    assert loopback.get(f"{status['inbox']}/api/messages").json()["total"] == 0
    _token_verifies(folder, running)
    _one_process_at_a_time(folder, ingest)
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
    assert "There is no nonsense" in unknown.stderr


def _answers(url: str) -> bool:
    try:
        return loopback.get(f"{url}/health/ready").status_code == 200
    except httpx.HTTPError:
        return False


def test_nothing_stays_when_the_supervisor_is_killed(folder: Path) -> None:
    running = up(folder)
    assert len(reaper.owned(running.owner)) >= 5
    os.kill(running.pid, signal.SIGKILL)
    waiting.until(
        lambda: reaper.owned(running.owner) == [], 20, lambda: f"left: {reaper.owned(running.owner)}"
    )
    # And its data can be used again.
    again = up(folder)
    assert again.owner != running.owner
