"""/v1/balance_transactions."""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.rest.listing import filters, page
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Currency, Text
from stripe_sandbox.rest.shapes import TimeRange, listed, unmodelled

operations = Operations()
URL = "/v1/balance_transactions"


@operations.get(
    URL,
    listed(
        created=TimeRange(),
        currency=Currency(),
        source=Text(),
        type=Text(),
        **unmodelled("payout"),
    ),
)
def list_all(call: Call) -> Object:
    """List movements of the balance."""
    return page(call, "balance_transaction", URL, where=filters(call, "currency", "source", "type"))


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve one movement."""
    return call.sandbox.require("balance_transaction", call.id, status=404)
