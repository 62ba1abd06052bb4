"""/v1/coupons."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import discounts
from stripe_sandbox.core.money import CURRENCIES
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.expansion import INCLUDABLE
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Currency, Decimal, Integer, ListOf, Text, choice, timestamp
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, Shape, shape, unmodelled

operations = Operations()
resource = Resource(operations, "coupon", "/v1/coupons")

_OPTIONS = Shape(dict.fromkeys(sorted(CURRENCIES), shape(amount_off=Integer(required=True, minimum=1))))
CREATE = shape(
    amount_off=Integer(minimum=1),
    applies_to=shape(products=ListOf(Text(), required=True)),
    currency=Currency(),
    currency_options=_OPTIONS,
    duration=choice("forever", "once", "repeating"),
    duration_in_months=Integer(minimum=1),
    id=Text(max_length=200),
    max_redemptions=Integer(minimum=1),
    metadata=METADATA,
    name=Text(max_length=40),
    percent_off=Decimal(),
    redeem_by=timestamp(),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a coupon: percent_off, or amount_off with its currency."""
    sandbox, params = call.sandbox, call.params
    percent = _percent(params)
    duration = params.get("duration") or "once"
    if (duration == "repeating") != (params.get("duration_in_months") is not None):
        raise InvalidRequest(
            "`duration_in_months` is required when, and only when, `duration` is `repeating`.",
            param="duration_in_months",
        )
    id_ = params.get("id") or sandbox.ids.text(8)
    if sandbox.store.get(id_) is not None:
        raise InvalidRequest("Coupon already exists.", param="id", code="resource_already_exists")
    products = (params.get("applies_to") or {}).get("products") or []
    for index, product in enumerate(products):
        sandbox.require("product", product, param=f"applies_to[products][{index}]")
    coupon = sandbox.new(
        "coupon",
        "coupon",
        id=id_,
        amount_off=params.get("amount_off"),
        currency=params.get("currency"),
        duration=duration,
        duration_in_months=params.get("duration_in_months"),
        max_redemptions=params.get("max_redemptions"),
        metadata=params.get("metadata") or {},
        name=params.get("name"),
        percent_off=percent,
        redeem_by=params.get("redeem_by"),
        times_redeemed=0,
        valid=True,
        _={"applies_to": products, "currency_options": params.get("currency_options") or {}},
    )
    coupon["valid"] = discounts.is_valid(coupon, sandbox.clock.now())
    sandbox.store.insert(coupon)
    sandbox.events.emit("coupon.created", coupon)
    return coupon


resource.add_reads()


resource.add_update(
    "coupon.updated",
    shape(metadata=METADATA, name=Text(clearable=True, max_length=40), **unmodelled("currency_options")),
)


@resource.delete()
def delete(call: Call, coupon: Object) -> Object:
    """Delete a coupon: it can no longer be redeemed."""
    return resource.deleted(call, coupon, "coupon.deleted")


def _percent(params: dict[str, Any]) -> float | None:
    """percent_off as a number; raises InvalidRequest unless exactly one kind of discount is given."""
    if (params.get("percent_off") is None) == (params.get("amount_off") is None):
        raise InvalidRequest(
            "Must provide exactly one of `percent_off` and `amount_off`.", param="percent_off"
        )
    if params.get("amount_off") is not None:
        if params.get("currency") is None:
            raise InvalidRequest(
                "Must provide `currency` with `amount_off`.", param="currency", code="parameter_missing"
            )
        return None
    percent = float(params["percent_off"])
    if not 0 < percent <= 100:
        raise InvalidRequest(
            "Invalid percent_off: must be greater than 0 and at most 100.", param="percent_off"
        )
    return percent


def _applies_to(sandbox: Sandbox, coupon: Object) -> Object:
    stored = sandbox.require("coupon", coupon["id"])
    return {"products": stored["_"]["applies_to"]}


INCLUDABLE["coupon", "applies_to"] = _applies_to
