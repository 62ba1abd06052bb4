"""/v1/promotion_codes."""

from __future__ import annotations

from stripe_sandbox.billing import discounts
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Currency, Integer, Removed, Text, choice, timestamp
from stripe_sandbox.rest.resources import Resource, field
from stripe_sandbox.rest.shapes import METADATA, Shape, shape, unmodelled

operations = Operations()
resource = Resource(operations, "promotion_code", "/v1/promotion_codes")

CREATE = shape(
    active=Boolean(),
    code=Text(max_length=500),
    coupon=Removed("Use promotion[type]=coupon and promotion[coupon].", without_version=Text()),
    customer=Text(),
    expires_at=timestamp(),
    max_redemptions=Integer(minimum=1),
    metadata=METADATA,
    promotion=Shape({"type": choice("coupon", required=True), "coupon": Text(required=True)}),
    restrictions=shape(
        first_time_transaction=Boolean(),
        minimum_amount=Integer(minimum=1),
        minimum_amount_currency=Currency(),
        **unmodelled("currency_options"),
    ),
    **unmodelled("customer_account"),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a code with which buyers redeem a coupon."""
    sandbox, params = call.sandbox, call.params
    named = params["promotion"]["coupon"] if params.get("promotion") else params.get("coupon")
    if named is None:
        raise InvalidRequest(
            "Missing required param: promotion.", param="promotion", code="parameter_missing"
        )
    coupon = sandbox.require("coupon", named, param="promotion[coupon]")
    discounts.check_coupon(sandbox, coupon, param="promotion[coupon]")
    if params.get("customer") is not None:
        sandbox.require("customer", params["customer"], param="customer")
    # Codes are compared case-insensitively: stored in upper case, they need one lookup.
    code = (params.get("code") or sandbox.ids.text(8)).upper()
    if any(other["active"] for other in sandbox.store.find("promotion_code", {"code": code})):
        raise InvalidRequest(
            "An active promotion code with this code already exists.",
            param="code",
            code="resource_already_exists",
        )
    limits = params.get("restrictions") or {}
    if (limits.get("minimum_amount") is None) != (limits.get("minimum_amount_currency") is None):
        raise InvalidRequest(
            "`minimum_amount` and `minimum_amount_currency` must be given together.",
            param="restrictions[minimum_amount]",
        )
    promotion = sandbox.new(
        "promo",
        "promotion_code",
        active=params.get("active", True),
        code=code,
        customer=params.get("customer"),
        customer_account=None,
        expires_at=params.get("expires_at"),
        max_redemptions=params.get("max_redemptions"),
        metadata=params.get("metadata") or {},
        promotion={"coupon": coupon["id"], "type": "coupon"},
        restrictions={
            "first_time_transaction": limits.get("first_time_transaction", False),
            "minimum_amount": limits.get("minimum_amount"),
            "minimum_amount_currency": limits.get("minimum_amount_currency"),
        },
        times_redeemed=0,
    )
    sandbox.store.insert(promotion)
    sandbox.events.emit("promotion_code.created", promotion)
    return promotion


# Codes are stored in upper case.
resource.add_reads(
    {"code": lambda code: {"code": code.upper()}, "coupon": field("promotion.coupon")},
    active=Boolean(),
    code=Text(),
    customer=Text(),
    coupon=Text(),
    **unmodelled("customer_account"),
)


resource.add_update(
    "promotion_code.updated",
    shape(active=Boolean(), metadata=METADATA, **unmodelled("restrictions")),
)
