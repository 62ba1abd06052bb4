"""Asking the stack's processes whether they are ready."""

from urllib.parse import urlsplit

import httpx

from devstack import ports
from devstack.processes import Child
from devstack.stack.plan import Spec

# One for all: making a client reads the certificates, which costs more than the question. No connection is
# kept, so that the answer is of the process that runs now.
_client = httpx.Client(timeout=2.0, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def is_ready(spec: Spec, child: Child | None) -> bool:
    """Whether GET /health/ready is answered 200, and by this child: another stack's service may have taken
    the port. The sandbox has its own health address."""
    if spec.url is None:
        return True
    port = urlsplit(spec.url).port
    if child is None or port is None or not ports.listens(child.pid, port):
        return False
    try:
        return _client.get(_address(spec)).status_code == 200
    except httpx.HTTPError:
        return False


def why_not(spec: Spec) -> str:
    """What a process that is not ready says about itself."""
    try:
        answer = _client.get(_address(spec))
    except httpx.HTTPError as error:
        return f"no answer ({type(error).__name__})"
    return f"{answer.status_code} {answer.text[:400]}"


def _address(spec: Spec) -> str:
    return f"{spec.url}/_sandbox/health" if spec.name == "sandbox" else f"{spec.url}/health/ready"
