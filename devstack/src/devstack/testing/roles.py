"""One role of a service as a process of its own, as operators start it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from devstack import loopback, ports

READY_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class RunningRole:
    """A started process and the address that it serves."""

    process: subprocess.Popen[bytes]
    url: str

    def until(self, **unready: str) -> Mapping[str, str]:
        """What each component reports on /health/ready, once those in `unready` report this text and all
        others "ok".

        Until then a component may report more than "starting": a broker that has just started can move the
        group's coordinator, and the group's offsets are unknown for a moment.
        """
        expected = 503 if unready else 200
        last: httpx.Response | None = None
        deadline = time.monotonic() + READY_SECONDS
        while True:
            assert self.process.poll() is None, f"the process ended with {self.process.returncode}"
            assert time.monotonic() < deadline, f"/health/ready never reported this: {last and last.text}"
            try:
                last = loopback.get(f"{self.url}/health/ready")
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            parts: Mapping[str, str] = last.json()["components"]
            if last.status_code == expected and parts == dict.fromkeys(parts, "ok") | unready:
                return parts
            time.sleep(0.05)


@contextmanager
def running(service: str, role: str, environment: Mapping[str, str]) -> Iterator[RunningRole]:
    """Run `python -m SERVICE ROLE` on a free port. At the end, SIGTERM must stop it with exit code 0."""
    port = ports.pick()
    process = subprocess.Popen([sys.executable, "-m", service, role], env={**environment, "PORT": str(port)})
    try:
        yield RunningRole(process, f"http://127.0.0.1:{port}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def refused(service: str, role: str, environment: Mapping[str, str]) -> str:
    """The message on stderr of a role that must refuse to start, with exit code 2."""
    command = [sys.executable, "-m", service, role]
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    return done.stderr
