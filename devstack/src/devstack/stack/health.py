"""Checks whether the stack's processes are ready."""

from urllib.parse import urlsplit

import httpx

from devstack import loopback, ports
from devstack.processes import Child
from devstack.stack.plan import Spec


def is_ready(spec: Spec, child: Child | None) -> bool:
    """Return whether this child answers GET /health/ready with 200.

    A service of another stack may have taken the port, so the answer must come from this child.
    """
    if spec.url is None:
        return True
    port = urlsplit(spec.url).port
    if child is None or port is None:
        return False
    try:
        answered = loopback.get(_address(spec), timeout=2.0).status_code == 200
    except httpx.HTTPError:
        return False
    # Checked last, because finding the owner of a port reads all connections of this machine.
    return answered and ports.listens(child.pid, port)


def why_not(spec: Spec) -> str:
    """Return the reason that a process gives for not being ready."""
    try:
        answer = loopback.get(_address(spec), timeout=2.0)
    except httpx.HTTPError as error:
        return f"no answer ({type(error).__name__})"
    return f"{answer.status_code} {answer.text[:400]}"


def _address(spec: Spec) -> str:
    return f"{spec.url}/_sandbox/health" if spec.name == "sandbox" else f"{spec.url}/health/ready"
