"""/v1/webhook_endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripe_sandbox.core.event_types import EVENT_TYPES
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, ListOf, Text, Url, text_of
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, changes_to, shape

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


resource = Resource(operations, "webhook_endpoint", "/v1/webhook_endpoints", dated=False)

_ENABLED = ListOf(EventType(), maximum=500)
CREATE = shape(
    api_version=Text(),
    connect=Boolean(),
    description=Text(clearable=True),
    enabled_events=ListOf(EventType(), required=True, maximum=500),
    metadata=METADATA,
    url=Url(required=True),
)
UPDATE = shape(
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
        null="api_version application description",
        enabled_events=enabled_events,
        status="enabled",
        url=url,
        _={"secrets": [secret or sandbox.ids.new("whsec")]},
    )
    endpoint.update(fields)
    return sandbox.store.insert(endpoint)


@resource.create(CREATE)
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


resource.add_reads()


@resource.post(params=UPDATE)
def update(call: Call, endpoint: Object) -> Object:
    """Change an endpoint."""
    changes = changes_to(endpoint, call.params)
    if "disabled" in changes:
        endpoint["status"] = "disabled" if changes.pop("disabled") else "enabled"
    endpoint.update(changes)
    return call.sandbox.store.update(endpoint)


@resource.delete()
def delete(call: Call, endpoint: Object) -> Object:
    """Remove an endpoint."""
    return resource.deleted(call, endpoint)
