"""/v1/disputes and /v1/radar/early_fraud_warnings."""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Text
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, Shape, merge_metadata, shape, unmodelled

operations = Operations()
warnings = Resource(operations, "radar.early_fraud_warning", "/v1/radar/early_fraud_warnings")
resource = Resource(operations, "dispute", "/v1/disputes")

UPDATE = shape(
    evidence=Shape(
        {
            **{name: Text(clearable=True, max_length=20_000) for name in disputes.EVIDENCE},
            **unmodelled("appeal enhanced_evidence"),
        }
    ),
    metadata=METADATA,
    submit=Boolean(),
    **unmodelled("intended_submission_method"),
)


resource.add_reads(charge=Text(), payment_intent=Text())


@resource.post(params=UPDATE)
def update(call: Call, dispute: Object) -> Object:
    """Respond to a dispute; evidence is submitted unless `submit` is false."""
    changes = {}
    if "metadata" in call.params:
        changes["metadata"] = merge_metadata(dispute["metadata"], call.params["metadata"])
    evidence = call.params.get("evidence") or {}
    return disputes.answer(call.sandbox, dispute, changes, evidence, submit=call.params.get("submit", True))


@resource.post("/close")
def close(call: Call, dispute: Object) -> Object:
    """Accept a dispute as lost."""
    return disputes.close(call.sandbox, dispute, won=False)


warnings.add_reads(
    charge=Text(),
    payment_intent=Text(),
)
