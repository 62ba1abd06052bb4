"""Asking the stack's processes whether they are ready."""

import httpx

from devstack.stack.plan import Spec


def is_ready(spec: Spec) -> bool:
    """Whether GET /health/ready is answered 200; the sandbox says so by answering at all."""
    if spec.url is None:
        return True
    try:
        answer = httpx.get(f"{spec.url}/health/ready", timeout=2.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 or (spec.name == "sandbox" and answer.status_code < 500)


def why_not(spec: Spec) -> str:
    """What a process that is not ready says about itself."""
    try:
        answer = httpx.get(f"{spec.url}/health/ready", timeout=2.0, trust_env=False)
    except httpx.HTTPError as error:
        return f"no answer ({type(error).__name__})"
    return f"{answer.status_code} {answer.text[:400]}"
