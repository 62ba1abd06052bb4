"""/v1/charges."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments.intents import shipping
from stripe_sandbox.payments.parameters import SHIPPING
from stripe_sandbox.rest.expansion import INCLUDABLE
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Email, Integer, Text
from stripe_sandbox.rest.resources import Resource, listing
from stripe_sandbox.rest.shapes import METADATA, changes_to, shape, unmodelled
from stripe_sandbox.sessions import paying as checkout

operations = Operations()
resource = Resource(operations, "charge", "/v1/charges")
UPDATE = shape(
    description=Text(clearable=True),
    metadata=METADATA,
    receipt_email=Email(),
    shipping=SHIPPING,
    transfer_group=Text(),
    **unmodelled("customer fraud_details"),
)
TO_CAPTURE = shape(
    amount=Integer(minimum=1),
    **unmodelled(
        """application_fee application_fee_amount receipt_email statement_descriptor
        statement_descriptor_suffix transfer_data transfer_group"""
    ),
)


resource.add_reads(
    customer=Text(),
    payment_intent=Text(),
    transfer_group=Text(),
)


@resource.post(params=UPDATE)
def update(call: Call, charge: Object) -> Object:
    """Change a charge's description or metadata."""
    changes = changes_to(charge, call.params)
    if "shipping" in changes:
        changes["shipping"] = shipping(changes["shipping"])
    return call.sandbox.events.changed(charge, "charge.updated", **changes)


@resource.post("/capture", TO_CAPTURE)
def capture(call: Call, charge: Object) -> Object:
    """Capture a charge that is only authorized."""
    if charge["captured"]:
        raise InvalidRequest(
            f"Charge {charge['id']} has already been captured.", code="charge_already_captured"
        )
    intent = call.sandbox.require("payment_intent", charge["payment_intent"])
    checkout.capture(call.sandbox, intent, call.params.get("amount"))
    return call.sandbox.require("charge", call.id)


def _refunds(sandbox: Sandbox, charge: Object) -> dict[str, Any]:
    found = sandbox.store.find("refund", {"charge": charge["id"]}, limit=11)
    return listing(found[:10], f"{resource.url}/{charge['id']}/refunds", has_more=len(found) > 10)


INCLUDABLE["charge", "refunds"] = _refunds
