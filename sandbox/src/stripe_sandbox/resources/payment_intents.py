"""/v1/payment_intents."""

from __future__ import annotations

from stripe_sandbox import payments
from stripe_sandbox.api import Call, Operations
from stripe_sandbox.lists import filters, page
from stripe_sandbox.params import (
    METADATA,
    Email,
    Shape,
    Text,
    TimeRange,
    choice,
    listed,
    merge_metadata,
    shape,
)
from stripe_sandbox.store import Object

operations = Operations()
URL = "/v1/payment_intents"

UPDATE: Shape = shape(
    description=Text(clearable=True), metadata=METADATA, receipt_email=Email(clearable=True)
)
CANCEL: Shape = shape(
    cancellation_reason=choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")
)


@operations.get(URL, listed(created=TimeRange(), customer=Text()))
def list_all(call: Call) -> Object:
    """List payment intents."""
    return page(call, "payment_intent", URL, where=filters(call, "customer"))


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve a payment intent."""
    return call.sandbox.require("payment_intent", call.id, status=404)


@operations.post(URL + "/{id}", UPDATE)
def update(call: Call) -> Object:
    """Change what does not touch the money."""
    intent = call.sandbox.require("payment_intent", call.id, status=404)
    changes = dict(call.params)
    if "metadata" in changes:
        changes["metadata"] = merge_metadata(intent["metadata"], changes["metadata"])
    intent.update(changes)
    return call.sandbox.store.update(intent)


@operations.post(URL + "/{id}/cancel", CANCEL)
def cancel(call: Call) -> Object:
    """Cancel a payment intent that has not succeeded."""
    intent = call.sandbox.require("payment_intent", call.id, status=404)
    return payments.cancel(call.sandbox, intent, call.params.get("cancellation_reason"))
