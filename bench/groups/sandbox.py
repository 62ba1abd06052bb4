"""Checkout Sessions per second that the sandbox creates, and its memory with 100,000 in a file."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator

from bench.environment import Environment
from bench.processes import ROOT, free_port, memory, running, wait_for

CONNECTIONS = 8
WARM_UP = 1_000
SESSIONS = 100_000


def run(env: Environment) -> dict[str, float]:
    """One run: load a sandbox in memory for some seconds, then one with a file until it has all sessions."""
    with _sandbox(env, "memory") as (port, _):
        _load(port, count=WARM_UP)
        rate = _load(port, seconds=env.seconds)
    file = env.folder / f"sandbox-{os.urandom(4).hex()}.sqlite"
    with _sandbox(env, str(file)) as (port, pid):
        _load(port, count=WARM_UP)
        before = memory(pid, "VmRSS")
        in_file = _load(port, count=SESSIONS)
        grown = memory(pid, "VmRSS") - before
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    return {
        "sessions_per_second": rate,
        "sessions_per_second_in_file": in_file,
        "memory_of_100k_sessions": grown,
    }


@contextlib.contextmanager
def _sandbox(env: Environment, state: str) -> Iterator[tuple[int, int]]:
    """Yield port and process id of a sandbox with one thread, which can use one core at most."""
    port, log = free_port(), env.folder / "sandbox.log"
    with running(log, "-m", "stripe_sandbox", "serve", "--port", str(port), "--state", state) as process:
        wait_for(f"http://127.0.0.1:{port}/_sandbox/health", process, log)
        yield port, process.pid


def _load(port: int, *, seconds: float = 0, count: int = 0) -> float:
    """Return sessions per second."""
    command = [sys.executable, "-m", "bench.sessions", str(port), str(CONNECTIONS), str(seconds), str(count)]
    report = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    if report["lost"] or set(report["statuses"]) != {"200"} or (count and report["statuses"]["200"] != count):
        raise RuntimeError(f"not every session was created: {report}")
    return float(report["statuses"]["200"] / report["seconds"])
