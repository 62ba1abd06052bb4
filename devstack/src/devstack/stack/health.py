"""Asking the stack's processes whether they are ready."""

from urllib.parse import urlsplit

import httpx

from devstack import loopback, ports
from devstack.processes import Child
from devstack.stack.plan import Spec


def is_ready(spec: Spec, child: Child | None) -> bool:
    """Whether GET /health/ready is answered 200, and by this child: another stack's service may have taken
    the port. The sandbox has its own health address."""
    if spec.url is None:
        return True
    port = urlsplit(spec.url).port
    if child is None or port is None:
        return False
    try:
        answered = loopback.get(_address(spec), timeout=2.0).status_code == 200
    except httpx.HTTPError:
        return False
    # Last, since whose port it is stands in a list of all connections of this machine.
    return answered and ports.listens(child.pid, port)


def why_not(spec: Spec) -> str:
    """What a process that is not ready says about itself."""
    try:
        answer = loopback.get(_address(spec), timeout=2.0)
    except httpx.HTTPError as error:
        return f"no answer ({type(error).__name__})"
    return f"{answer.status_code} {answer.text[:400]}"


def _address(spec: Spec) -> str:
    return f"{spec.url}/_sandbox/health" if spec.name == "sandbox" else f"{spec.url}/health/ready"
