"""/v1/test_helpers/test_clocks: clocks for customers and their subscriptions."""

from __future__ import annotations

from stripe_sandbox import timekeeper
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Integer, Text, timestamp
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import shape, unmodelled

operations = Operations()
KIND = "test_helpers.test_clock"
resource = Resource(operations, KIND, "/v1/test_helpers/test_clocks", dated=False)
FURTHEST = 2 * 366 * 24 * 3600


@resource.create(shape(frozen_time=timestamp(required=True), name=Text(), **unmodelled("customer")))
def create(call: Call) -> Object:
    """Create a clock with a fixed time."""
    clock = call.sandbox.new(
        "clock",
        KIND,
        deletes_after=call.sandbox.clock.now() + 30 * 24 * 3600,
        frozen_time=call.params["frozen_time"],
        name=call.params.get("name"),
        status="ready",
        status_details={},
    )
    del clock["metadata"]
    call.sandbox.store.insert(clock)
    call.sandbox.events.emit("test_helpers.test_clock.created", clock)
    return clock


resource.add_reads()


@resource.post("/advance", shape(frozen_time=Integer(required=True, minimum=0)))
def advance(call: Call, clock: Object) -> Object:
    """Move a clock forward: renewals, trials, retries and expiry on the way run before the answer."""
    to = call.params["frozen_time"]
    if to <= clock["frozen_time"]:
        raise InvalidRequest("A test clock can only be moved forward.", param="frozen_time")
    if to > clock["frozen_time"] + FURTHEST:
        raise InvalidRequest("A test clock can be moved by two years at most at a time.", param="frozen_time")
    return timekeeper.advance(call.sandbox, clock, to)


@resource.delete()
def delete(call: Call, clock: Object) -> Object:
    """Delete a clock with its customers and their subscriptions."""
    store = call.sandbox.store
    for kind in ("customer", "subscription"):
        while found := store.find(kind, {"test_clock": clock["id"]}):
            for obj in found:
                store.delete_keeping_id(obj)
    store.forget_timers(clock["id"])
    return resource.deleted(call, clock, "test_helpers.test_clock.deleted")
