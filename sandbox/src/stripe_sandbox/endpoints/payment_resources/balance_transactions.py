"""/v1/balance_transactions."""

from __future__ import annotations

from stripe_sandbox.rest.listing import add_list, add_retrieve
from stripe_sandbox.rest.operations import Operations
from stripe_sandbox.rest.params import Currency, Text
from stripe_sandbox.rest.shapes import TimeRange, unmodelled

operations = Operations()
URL = "/v1/balance_transactions"


add_list(
    operations,
    "balance_transaction",
    URL,
    created=TimeRange(),
    currency=Currency(),
    source=Text(),
    type=Text(),
    **unmodelled("payout"),
)
add_retrieve(operations, "balance_transaction", URL)
