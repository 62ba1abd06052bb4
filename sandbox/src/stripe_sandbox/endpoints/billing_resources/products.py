"""/v1/products."""

from __future__ import annotations

from stripe_sandbox.billing import pricing as prices
from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.billing_resources.prices import DEFAULT_PRICE_DATA
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Field, ListOf, Text, Unmodelled, Url, choice
from stripe_sandbox.rest.resources import Resource, field
from stripe_sandbox.rest.shapes import METADATA, Shape, changes_to, shape, unmodelled

operations = Operations()
resource = Resource(operations, "product", "/v1/products")

_COMMON: dict[str, Field] = {
    "active": Boolean(),
    "description": Text(clearable=True),
    "images": ListOf(Url(), maximum=8, clearable=True),
    "marketing_features": ListOf(shape(name=Text(required=True)), maximum=15, clearable=True),
    "metadata": METADATA,
    "statement_descriptor": Text(max_length=22),
    "tax_code": Text(clearable=True),
    "unit_label": Text(clearable=True),
    "url": Url(clearable=True),
    "package_dimensions": Unmodelled(),
    "shippable": Unmodelled(),
    "tax_details": Unmodelled(),
}
CREATE = Shape(
    {
        **_COMMON,
        "id": Text(),
        "name": Text(required=True),
        "default_price_data": DEFAULT_PRICE_DATA,
        "type": choice("service"),
    }
)
UPDATE = Shape({**_COMMON, "name": Text(), "default_price": Text(clearable=True)})


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a product, with its default price if given."""
    sandbox, params = call.sandbox, call.params
    id_ = params.get("id")
    if id_ is not None and sandbox.store.get(id_) is not None:
        raise InvalidRequest("Product already exists.", param="id", code="resource_already_exists")
    product = prices.new_product(sandbox, params, id_=id_)
    price = None
    if params.get("default_price_data") is not None:
        price = prices.new_price(
            sandbox, params["default_price_data"], product["id"], path="default_price_data"
        )
        product["default_price"] = price["id"]
        sandbox.store.update(product)
    sandbox.events.emit("product.created", product)
    if price is not None:
        sandbox.events.emit("price.created", price)
    return product


resource.add_reads(
    {"ids": field("id")},
    active=Boolean(),
    url=Text(),
    ids=ListOf(Text()),
    type=choice("good", "service"),
    **unmodelled("shippable"),
)


@resource.post(params=UPDATE)
def update(call: Call, product: Object) -> Object:
    """Change a product."""
    sandbox = call.sandbox
    changes = changes_to(product, call.params)
    if changes.get("default_price") is not None:
        sandbox.require("price", changes["default_price"], param="default_price")
    for name in ("images", "marketing_features"):
        if name in changes:
            changes[name] = changes[name] or []
    return sandbox.events.changed(product, "product.updated", **changes, updated=sandbox.clock.now())


@resource.delete()
def delete(call: Call, product: Object) -> Object:
    """Delete a product that has no prices."""
    sandbox = call.sandbox
    if sandbox.store.find("price", {"product": product["id"]}, limit=1):
        raise InvalidRequest(
            "This product cannot be deleted because it has one or more user-created prices.", param="id"
        )
    return resource.deleted(call, product, "product.deleted")
