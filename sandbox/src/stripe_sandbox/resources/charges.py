"""/v1/charges."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.api import Call, Operations
from stripe_sandbox.expand import INCLUDABLE
from stripe_sandbox.lists import filters, listing, page
from stripe_sandbox.params import METADATA, Shape, Text, TimeRange, listed, merge_metadata, shape
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object

operations = Operations()
URL = "/v1/charges"
UPDATE: Shape = shape(description=Text(clearable=True), metadata=METADATA)


@operations.get(URL, listed(created=TimeRange(), customer=Text(), payment_intent=Text()))
def list_all(call: Call) -> Object:
    """List charges."""
    return page(call, "charge", URL, where=filters(call, "customer", "payment_intent"))


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve a charge."""
    return call.sandbox.require("charge", call.id, status=404)


@operations.post(URL + "/{id}", UPDATE)
def update(call: Call) -> Object:
    """Change a charge's description or metadata."""
    charge = call.sandbox.require("charge", call.id, status=404)
    changes = dict(call.params)
    if "metadata" in changes:
        changes["metadata"] = merge_metadata(charge["metadata"], changes["metadata"])
    return call.sandbox.events.changed(charge, "charge.updated", **changes)


def _refunds(sandbox: Sandbox, charge: Object) -> dict[str, Any]:
    found = sandbox.store.find("refund", {"charge": charge["id"]}, limit=11)
    return listing(found[:10], f"{URL}/{charge['id']}/refunds", has_more=len(found) > 10)


INCLUDABLE["charge", "refunds"] = _refunds
