"""/v1/balance_transactions."""

from __future__ import annotations

from stripe_sandbox.rest.operations import Operations
from stripe_sandbox.rest.params import Currency, Text
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import TimeRange, unmodelled

operations = Operations()
URL = "/v1/balance_transactions"
resource = Resource(operations, "balance_transaction", URL)


resource.add_list(
    created=TimeRange(),
    currency=Currency(),
    source=Text(),
    type=Text(),
    **unmodelled("payout"),
)
resource.add_retrieve()
