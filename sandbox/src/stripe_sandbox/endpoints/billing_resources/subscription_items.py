"""/v1/subscription_items."""

from __future__ import annotations

from stripe_sandbox.billing import plan_changes, subscription_reads
from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.billing_resources.subscriptions import BEHAVIOUR, PRORATION
from stripe_sandbox.errors import ResourceMissing
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Integer, Text, timestamp
from stripe_sandbox.rest.resources import slice_of
from stripe_sandbox.rest.shapes import METADATA, listed, shape, unmodelled

operations = Operations()
URL = "/v1/subscription_items"

_ELSEWHERE = "billing_thresholds current_trial discounts plan price_data tax_rates"
CREATE = shape(
    metadata=METADATA,
    payment_behavior=BEHAVIOUR,
    price=Text(required=True),
    proration_behavior=PRORATION,
    proration_date=timestamp(),
    quantity=Integer(minimum=0),
    subscription=Text(required=True),
    **unmodelled(_ELSEWHERE),
)
UPDATE = shape(
    metadata=METADATA,
    off_session=Boolean(),
    payment_behavior=BEHAVIOUR,
    price=Text(),
    proration_behavior=PRORATION,
    proration_date=timestamp(),
    quantity=Integer(minimum=0),
    **unmodelled(_ELSEWHERE),
)
DELETE = shape(
    payment_behavior=BEHAVIOUR,
    proration_behavior=PRORATION,
    proration_date=timestamp(),
    **unmodelled("clear_usage"),
)


@operations.post(URL, CREATE)
def create(call: Call) -> Object:
    """Add an item to a subscription."""
    subscription = call.sandbox.require("subscription", call.params["subscription"], param="subscription")
    before = {item["id"] for item in subscription_reads.items(subscription)}
    changed = _apply(call, subscription, {})
    [added] = [item for item in subscription_reads.items(changed) if item["id"] not in before]
    return added


@operations.get(URL, listed(subscription=Text(required=True)))
def list_all(call: Call) -> Object:
    """List a subscription's items."""
    id_ = call.params["subscription"]
    subscription = call.sandbox.require("subscription", id_, param="subscription")
    return slice_of(subscription_reads.items(subscription), call, f"{URL}?subscription={id_}")


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve an item."""
    return _item(_owner(call), call.id)


@operations.post(URL + "/{id}", UPDATE)
def update(call: Call) -> Object:
    """Change an item's price, quantity or metadata."""
    subscription = _owner(call)
    if set(call.params) <= {"metadata"}:
        new = plan_changes.items_after(call.sandbox, subscription, [{"id": call.id, **call.params}])
        items = {**subscription["items"], "data": new}
        call.sandbox.events.changed(subscription, "customer.subscription.updated", items=items)
        return _item(subscription, call.id)
    return _item(_apply(call, subscription, {"id": call.id}), call.id)


@operations.delete(URL + "/{id}", DELETE)
def delete(call: Call) -> Object:
    """Remove an item from its subscription, which must keep at least one."""
    _apply(call, _owner(call), {"id": call.id, "deleted": True})
    return {"id": call.id, "object": "subscription_item", "deleted": True}


def _apply(call: Call, subscription: Object, change: Object) -> Object:
    sandbox, params = call.sandbox, call.params
    subscription_reads.require_live(subscription)
    wanted: Object = {name: params[name] for name in ("price", "quantity", "metadata") if name in params}
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        new = plan_changes.items_after(sandbox, subscription, [{**wanted, **change}])
        how = plan_changes.billing_options(params, sandbox.clock.now())
        return plan_changes.apply(sandbox, subscription, new, how)


def _owner(call: Call) -> Object:
    """The subscription that the item belongs to; raises ResourceMissing."""
    found = call.sandbox.store.containing("subscription", call.id)
    for subscription in found:
        if any(item["id"] == call.id for item in subscription_reads.items(subscription)):
            return subscription
    raise ResourceMissing("subscription_item", call.id, param="item")


def _item(subscription: Object, id_: str) -> Object:
    return next(item for item in subscription_reads.items(subscription) if item["id"] == id_)
