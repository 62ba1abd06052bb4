"""/v1/balance_transactions."""

from __future__ import annotations

from stripe_sandbox.rest.operations import Operations
from stripe_sandbox.rest.params import Currency, Text
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import unmodelled

operations = Operations()
resource = Resource(operations, "balance_transaction", "/v1/balance_transactions")


resource.add_reads(
    currency=Currency(),
    source=Text(),
    type=Text(),
    **unmodelled("payout"),
)
