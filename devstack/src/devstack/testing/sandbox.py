"""Runs the Stripe sandbox as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from devstack import loopback, ports, waiting

START_SECONDS = 60
STOP_SECONDS = 20


@contextmanager
def serve() -> Iterator[str]:
    """Run a sandbox without webhook endpoints until the block ends; yield its address."""
    port = ports.pick()
    process = subprocess.Popen(
        [sys.executable, "-m", "stripe_sandbox", "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://{ports.LOOPBACK}:{port}"
    try:
        waiting.until(
            lambda: _answers(url),
            START_SECONDS,
            lambda: "the sandbox does not answer",
            give_up=lambda: process.poll() is not None,
        )
        yield url
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _answers(url: str) -> bool:
    try:
        return loopback.get(f"{url}/_sandbox/health").status_code == 200
    except httpx.TransportError:
        return False
