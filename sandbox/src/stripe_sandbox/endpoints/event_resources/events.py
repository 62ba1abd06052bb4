"""/v1/events."""

from __future__ import annotations

from fnmatch import fnmatchcase

from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, ListOf, Text
from stripe_sandbox.rest.resources import Resource, page
from stripe_sandbox.rest.shapes import TimeRange, listed

operations = Operations()
resource = Resource(operations, "event", "/v1/events")


@operations.get(
    resource.url,
    listed(created=TimeRange(), type=Text(), types=ListOf(Text(), maximum=20), delivery_success=Boolean()),
)
def list_all(call: Call) -> Object:
    """List events; `delivery_success=false` selects those that some endpoint has not acknowledged."""
    params = call.params
    if params.get("type") is not None and params.get("types") is not None:
        raise InvalidRequest("You may only specify one of these parameters: type, types.", param="types")
    where: dict[str, object] = {}
    wanted = params.get("types") or ([params["type"]] if params.get("type") else None)
    if wanted is not None:
        where["type"] = _matching_types(call, wanted)
    if params.get("delivery_success") is not None:
        where["id"] = call.sandbox.events.ids_by_delivery(successful=params["delivery_success"])
    return page(call, "event", resource.url, where=where)


def _matching_types(call: Call, wanted: list[str]) -> list[str]:
    """The event types that exist and match `charge.*`."""
    if not any("*" in name for name in wanted):
        return wanted
    return [
        name for name in call.sandbox.events.types() if any(fnmatchcase(name, pattern) for pattern in wanted)
    ]


resource.add_retrieve()
