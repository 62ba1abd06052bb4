"""/v1/balance."""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.payments import balance_sheet as balance
from stripe_sandbox.rest.operations import Call, Operations

operations = Operations()


@operations.get("/v1/balance")
def retrieve(call: Call) -> Object:
    """The balance: available and pending amounts."""
    return balance.current(call.sandbox)
