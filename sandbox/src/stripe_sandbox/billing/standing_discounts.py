"""The discounts of a subscription, which apply to each of its invoices until they end."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import discounts
from stripe_sandbox.core import periods
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest

Chosen = tuple[Object, Object | None]


def chosen(sandbox: Sandbox, given: dict[str, Any], param: str) -> Chosen:
    """The coupon, and the promotion code if any, of a `discounts` entry; raises InvalidRequest."""
    if (given.get("coupon") is None) == (given.get("promotion_code") is None):
        raise InvalidRequest("You must specify exactly one of `coupon` and `promotion_code`.", param=param)
    code = None
    if given.get("promotion_code") is not None:
        code = sandbox.require("promotion_code", given["promotion_code"], param=f"{param}[promotion_code]")
    id_ = given.get("coupon") or (code or {})["promotion"]["coupon"]
    coupon = sandbox.require("coupon", id_, param=f"{param}[coupon]")
    discounts.check_coupon(sandbox, coupon, param=f"{param}[coupon]")
    return coupon, code


def build(sandbox: Sandbox, wanted: Chosen, *, customer: str, subscription: str | None = None) -> Object:
    """A discount that lasts as long as its coupon specifies (not stored)."""
    coupon, code = wanted
    now, ends = sandbox.clock.now(), None
    if coupon["duration"] == "repeating":
        ends = periods.step(now, "month", coupon["duration_in_months"])
    elif coupon["duration"] == "once":
        ends = now + 1
    return discounts.new_discount(
        sandbox, coupon, code, customer=customer, subscription=subscription, end=ends
    )


def add(sandbox: Sandbox, subscription: Object, wanted: Chosen) -> None:
    """Add the discount to a subscription (which the caller stores): `customer.discount.created`."""
    discount = build(sandbox, wanted, customer=subscription["customer"], subscription=subscription["id"])
    sandbox.store.insert(discount)
    subscription["discounts"] = [discount["id"]]
    sandbox.events.emit("customer.discount.created", discount)


def remove(sandbox: Sandbox, subscription: Object) -> Object | None:
    """Remove the discount from a subscription (which the caller stores): `customer.discount.deleted`."""
    last = None
    for id_ in subscription["discounts"]:
        last = sandbox.require("discount", id_)
        sandbox.events.emit("customer.discount.deleted", last)
    subscription["discounts"] = []
    return last


def deleted(discount: Object) -> Object:
    """The API's answer for a deleted discount."""
    kept = {name: value for name, value in public(discount).items() if name != "end"}
    return {**kept, "deleted": True}


def running(sandbox: Sandbox, subscription: Object) -> list[Object]:
    """The subscription's discounts that have not ended; its next invoice deducts them."""
    found = [sandbox.require("discount", id_) for id_ in subscription["discounts"]]
    return [one for one in found if one["end"] is None or sandbox.clock.now() < one["end"]]
