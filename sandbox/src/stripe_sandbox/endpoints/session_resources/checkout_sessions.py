"""/v1/checkout/sessions."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import discounts
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.rest.expansion import INCLUDABLE
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Text, choice
from stripe_sandbox.rest.resources import Resource, listing, slice_of
from stripe_sandbox.rest.shapes import METADATA, listed, merge_metadata, shape, unmodelled
from stripe_sandbox.sessions import creation as session_new
from stripe_sandbox.sessions import creation_params as session_params
from stripe_sandbox.sessions import line_items
from stripe_sandbox.sessions import paying as checkout

operations = Operations()
KIND = "checkout.session"
resource = Resource(operations, KIND, "/v1/checkout/sessions")

UPDATE = shape(
    metadata=METADATA,
    **unmodelled("collected_information line_items payment_intent_data shipping_options"),
)


@resource.create(session_params.PARAMS)
def create(call: Call) -> Object:
    """Create a session; it expires automatically at `expires_at` (24 hours by default)."""
    return session_new.create(call.sandbox, call.params)


resource.add_reads(
    customer=Text(),
    payment_intent=Text(),
    subscription=Text(),
    status=choice("open", "complete", "expired"),
    **unmodelled("customer_account customer_details payment_link"),
)


@resource.post(params=UPDATE)
def update(call: Call, session: Object) -> Object:
    """Change a session's metadata."""
    if "metadata" in call.params:
        session["metadata"] = merge_metadata(session["metadata"], call.params["metadata"])
    return call.sandbox.store.update(session)


@resource.post("/expire")
def expire(call: Call, session: Object) -> Object:
    """Expire an open session."""
    checkout.require_open(session)
    return checkout.expire(call.sandbox, session)


@resource.get("/line_items", listed())
def list_line_items(call: Call, session: Object) -> Object:
    """List a session's lines."""
    return slice_of(line_items.listed(session), call, f"{resource.url}/{call.id}/line_items")


def _included(sandbox: Sandbox, session: Object) -> dict[str, Any]:
    lines = line_items.listed(sandbox.require(KIND, session["id"]))
    return listing(lines[:10], f"{resource.url}/{session['id']}/line_items", has_more=len(lines) > 10)


def _with_breakdown(sandbox: Sandbox, session: Object) -> dict[str, Any]:
    stored = sandbox.require(KIND, session["id"])
    return {**session["total_details"], "breakdown": discounts.breakdown(stored)}


INCLUDABLE[KIND, "line_items"] = _included
INCLUDABLE[KIND, "total_details"] = _with_breakdown
