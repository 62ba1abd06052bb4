"""/v1/refunds."""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import refunding as refunds
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Integer, Text, choice
from stripe_sandbox.rest.resources import Resource, belonging
from stripe_sandbox.rest.shapes import METADATA, shape, unmodelled

operations = Operations()
resource = Resource(operations, "refund", "/v1/refunds")

CREATE = shape(
    amount=Integer(minimum=1),
    charge=Text(),
    metadata=METADATA,
    payment_intent=Text(),
    reason=choice(*refunds.REASONS),
    **unmodelled("""currency customer instructions_email origin refund_application_fee reverse_transfer"""),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Refund a payment, in full or in part."""
    params = call.params
    charge = _charge(call)
    return refunds.create(
        call.sandbox,
        charge,
        params.get("amount"),
        reason=params.get("reason"),
        metadata=params.get("metadata") or {},
    )


resource.add_reads(charge=Text(), payment_intent=Text())


resource.add_update("refund.updated", shape(metadata=METADATA))


@resource.post("/cancel")
def cancel(call: Call, refund: Object) -> Object:
    """Cancel a refund that is still pending."""
    return refunds.cancel(call.sandbox, refund)


def _charge(call: Call) -> Object:
    params, sandbox = call.params, call.sandbox
    if params.get("charge") is not None:
        return belonging(call, "charge", "payment_intent")
    if params.get("payment_intent") is None:
        raise InvalidRequest(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    intent = sandbox.require("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise InvalidRequest(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return sandbox.require("charge", intent["latest_charge"], param="payment_intent")
