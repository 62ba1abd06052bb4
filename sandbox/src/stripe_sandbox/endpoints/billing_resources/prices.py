"""/v1/prices."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import pricing as prices
from stripe_sandbox.core.money import CURRENCIES
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.expansion import INCLUDABLE
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Currency, Decimal, Field, Integer, ListOf, Text, choice
from stripe_sandbox.rest.resources import Resource, field
from stripe_sandbox.rest.shapes import METADATA, Shape, changes_to, shape, unmodelled

operations = Operations()
resource = Resource(operations, "price", "/v1/prices")

_AMOUNTS: dict[str, Field] = {
    "unit_amount": Integer(minimum=0),
    "unit_amount_decimal": Decimal(),
    "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
}
_OPTIONS = Shape(
    dict.fromkeys(sorted(CURRENCIES), Shape({**_AMOUNTS, **unmodelled("custom_unit_amount tiers")}))
)
_RECURRING = shape(
    interval=choice("day", "week", "month", "year", required=True),
    interval_count=Integer(minimum=1, maximum=1095),
    trial_period_days=Integer(minimum=1),
    usage_type=choice("licensed"),
    **unmodelled("meter"),
)
_PRICE: dict[str, Field] = {
    **_AMOUNTS,
    "currency": Currency(required=True),
    "currency_options": _OPTIONS,
    "metadata": METADATA,
    "recurring": _RECURRING,
}
DEFAULT_PRICE_DATA = Shape(
    {
        **_PRICE,
        "recurring": shape(
            interval=choice("day", "week", "month", "year", required=True),
            interval_count=Integer(minimum=1, maximum=1095),
        ),
        **unmodelled("custom_unit_amount"),
    }
)
CREATE = Shape(
    {
        **_PRICE,
        "active": Boolean(),
        "billing_scheme": choice("per_unit"),
        "lookup_key": Text(max_length=200),
        "nickname": Text(),
        "product": Text(),
        "product_data": shape(
            active=Boolean(),
            id=Text(),
            metadata=METADATA,
            name=Text(required=True),
            statement_descriptor=Text(max_length=22),
            tax_code=Text(),
            unit_label=Text(),
            **unmodelled("tax_details"),
        ),
        "transfer_lookup_key": Boolean(),
        **unmodelled("custom_unit_amount tiers tiers_mode transform_quantity"),
    }
)
UPDATE = shape(
    active=Boolean(),
    lookup_key=Text(clearable=True, max_length=200),
    metadata=METADATA,
    nickname=Text(clearable=True),
    tax_behavior=choice("exclusive", "inclusive", "unspecified"),
    transfer_lookup_key=Boolean(),
    **unmodelled("currency_options"),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a price for a product."""
    sandbox, params = call.sandbox, call.params
    if (params.get("product") is None) == (params.get("product_data") is None):
        raise InvalidRequest("You must specify exactly one of `product` and `product_data`.", param="product")
    _free_lookup_key(call)
    if params.get("product") is not None:
        product = sandbox.require("product", params["product"], param="product")
    else:
        product = prices.new_product(sandbox, params["product_data"], id_=params["product_data"].get("id"))
        sandbox.events.emit("product.created", product)
    price = prices.new_price(sandbox, params, product["id"])
    sandbox.events.emit("price.created", price)
    return price


resource.add_reads(
    {"lookup_keys": field("lookup_key")},
    active=Boolean(),
    currency=Currency(),
    product=Text(),
    type=choice("one_time", "recurring"),
    lookup_keys=ListOf(Text(), maximum=10),
    **unmodelled("recurring"),
)


@resource.post(params=UPDATE)
def update(call: Call, price: Object) -> Object:
    """Change the fields of a price that can change; its amount cannot."""
    _free_lookup_key(call)
    changes = changes_to(price, call.params)
    changes.pop("transfer_lookup_key", None)
    return call.sandbox.events.changed(price, "price.updated", **changes)


def _free_lookup_key(call: Call) -> None:
    """Release a lookup key from another price if `transfer_lookup_key` allows it; each key belongs to one
    price.
    """
    key = call.params.get("lookup_key")
    if key is None:
        return
    for holder in call.sandbox.store.find("price", {"lookup_key": key}):
        if holder["id"] == call.path.get("id"):
            continue
        if not call.params.get("transfer_lookup_key"):
            raise InvalidRequest(
                f"A price (`{holder['id']}`) already uses that lookup key.",
                param="lookup_key",
                code="resource_already_exists",
            )
        call.sandbox.events.changed(holder, "price.updated", lookup_key=None)


def _currency_options(sandbox: Sandbox, price: Object) -> dict[str, Any]:
    stored = sandbox.require("price", price["id"])
    own = {
        "custom_unit_amount": None,
        "tax_behavior": price["tax_behavior"],
        "unit_amount": price["unit_amount"],
        "unit_amount_decimal": price["unit_amount_decimal"],
    }
    return {price["currency"]: own, **stored["_"]["currency_options"]}


INCLUDABLE["price", "currency_options"] = _currency_options
