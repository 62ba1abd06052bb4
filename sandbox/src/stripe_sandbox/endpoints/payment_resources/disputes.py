"""/v1/disputes and /v1/radar/early_fraud_warnings."""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.rest.listing import add_list, add_retrieve
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Text
from stripe_sandbox.rest.shapes import METADATA, Shape, TimeRange, merge_metadata, shape, unmodelled

operations = Operations()
URL = "/v1/disputes"
WARNINGS = "/v1/radar/early_fraud_warnings"

UPDATE: Shape = shape(
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


add_list(operations, "dispute", URL, created=TimeRange(), charge=Text(), payment_intent=Text())
add_retrieve(operations, "dispute", URL)


@operations.post(URL + "/{id}", UPDATE)
def update(call: Call) -> Object:
    """Respond to a dispute; evidence is submitted unless `submit` is false."""
    dispute = call.sandbox.require("dispute", call.id, status=404)
    changes = {}
    if "metadata" in call.params:
        changes["metadata"] = merge_metadata(dispute["metadata"], call.params["metadata"])
    evidence = call.params.get("evidence") or {}
    return disputes.answer(call.sandbox, dispute, changes, evidence, submit=call.params.get("submit", True))


@operations.post(URL + "/{id}/close")
def close(call: Call) -> Object:
    """Accept a dispute as lost."""
    dispute = call.sandbox.require("dispute", call.id, status=404)
    return disputes.close(call.sandbox, dispute, won=False)


add_list(
    operations,
    "radar.early_fraud_warning",
    WARNINGS,
    created=TimeRange(),
    charge=Text(),
    payment_intent=Text(),
)
add_retrieve(operations, "radar.early_fraud_warning", WARNINGS)
