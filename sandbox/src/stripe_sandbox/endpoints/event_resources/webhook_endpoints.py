"""/v1/webhook_endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.core.event_types import EVENT_TYPES
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.listing import add_list, add_retrieve
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, ListOf, Text, Url, text_of
from stripe_sandbox.rest.shapes import METADATA, Shape, merge_metadata, shape

operations = Operations()


@dataclass(frozen=True, slots=True)
class EventType:
    """An event type, or `*` for nearly all."""

    required: bool = False

    def parse(self, raw: Any, path: str) -> str:
        value = text_of(raw, path)
        if value != "*" and value not in EVENT_TYPES:
            raise InvalidRequest(
                f"The event type `{value[:60]}` does not exist. For a list of event types, see "
                "https://docs.stripe.com/api/events/types.",
                param=path,
            )
        return value


URL = "/v1/webhook_endpoints"

_ENABLED = ListOf(EventType(), maximum=500)
CREATE: Shape = shape(
    api_version=Text(),
    connect=Boolean(),
    description=Text(clearable=True),
    enabled_events=ListOf(EventType(), required=True, maximum=500),
    metadata=METADATA,
    url=Url(required=True),
)
UPDATE: Shape = shape(
    description=Text(clearable=True),
    disabled=Boolean(),
    enabled_events=_ENABLED,
    metadata=METADATA,
    url=Url(),
)


def add(
    sandbox: Sandbox, url: str, enabled_events: list[str], secret: str | None = None, **fields: Any
) -> Object:
    """Store an endpoint with its signing secret."""
    endpoint = sandbox.new(
        "we",
        "webhook_endpoint",
        api_version=None,
        application=None,
        description=None,
        enabled_events=enabled_events,
        status="enabled",
        url=url,
        _={"secrets": [secret or sandbox.ids.new("whsec")]},
    )
    endpoint.update(fields)
    return sandbox.store.insert(endpoint)


@operations.post(URL, CREATE)
def create(call: Call) -> Object:
    """Create an endpoint; only this answer contains its secret."""
    params = call.params
    endpoint = add(
        call.sandbox,
        params["url"],
        params["enabled_events"],
        api_version=params.get("api_version"),
        description=params.get("description"),
        metadata=params.get("metadata") or {},
    )
    return {**endpoint, "secret": endpoint["_"]["secrets"][0]}


add_list(operations, "webhook_endpoint", URL)
add_retrieve(operations, "webhook_endpoint", URL)


@operations.post(URL + "/{id}", UPDATE)
def update(call: Call) -> Object:
    """Change an endpoint."""
    endpoint = call.sandbox.require("webhook_endpoint", call.id, status=404)
    changes = dict(call.params)
    if "disabled" in changes:
        endpoint["status"] = "disabled" if changes.pop("disabled") else "enabled"
    if "metadata" in changes:
        changes["metadata"] = merge_metadata(endpoint["metadata"], changes["metadata"])
    endpoint.update(changes)
    return call.sandbox.store.update(endpoint)


@operations.delete(URL + "/{id}")
def delete(call: Call) -> Object:
    """Remove an endpoint."""
    endpoint = call.sandbox.require("webhook_endpoint", call.id, status=404)
    call.sandbox.store.delete(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
