"""/v1/balance."""

from __future__ import annotations

from stripe_sandbox import balance
from stripe_sandbox.api import Call, Operations
from stripe_sandbox.store import Object

operations = Operations()


@operations.get("/v1/balance")
def retrieve(call: Call) -> Object:
    """What is there to be paid out, and what will be."""
    return balance.current(call.sandbox)
