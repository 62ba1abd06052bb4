"""JSON Schema (draft 2020-12) of our events and of what we read of Stripe's objects."""

from typing import Any

import msgspec

from schemas.events import EVENTS
from schemas.stripe.parse import KINDS, Envelope

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://masterji.dev/schemas/"

Schema = dict[str, Any]


def event_schema(event_type: str) -> Schema:
    """The contract of one of our events, as a document of its own."""
    schema = EVENTS[event_type].model_json_schema()
    return {"$schema": DIALECT, "$id": f"{BASE}{event_type}.schema.json", **schema}


def stripe_schemas() -> dict[str, Schema]:
    """What we read of each Stripe object, by its kind; every other field is ignored, whatever it holds."""
    return {
        kind: {
            "$schema": DIALECT,
            "$id": f"{BASE}stripe.{kind}.schema.json",
            "description": f"The fields of Stripe's {kind} that are read, over all supported API versions.",
            **msgspec.json.schema(struct),
        }
        for kind, struct in KINDS.items()
    }


def stripe_envelope(object_schema: Schema) -> Schema:
    """Stripe's event around an object of this schema."""
    _, components = msgspec.json.schema_components([Envelope])
    envelope = dict(components["Envelope"])
    envelope["properties"] = {
        **envelope["properties"],
        "data": {
            "type": "object",
            "required": ["object"],
            "properties": {
                "object": object_schema,
                "previous_attributes": {"type": ["object", "null"]},
            },
        },
    }
    envelope["title"] = "StripeEvent"
    return envelope
