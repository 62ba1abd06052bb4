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

    def until(self, status: int = 200) -> httpx.Response:
        """The answer of /health/ready once it has this status and no component is starting."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            assert self.process.poll() is None, f"the process ended with {self.process.returncode}"
            assert time.monotonic() < deadline, f"/health/ready never answered with {status}"
            try:
                answer = loopback.get(f"{self.url}/health/ready")
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == status and "starting" not in answer.text:
                return answer
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
