"""Products and prices, created through the API or inline by price_data."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from decimal import Decimal as Number
from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest


def new_product(sandbox: Sandbox, data: dict[str, Any], *, id_: str | None = None) -> Object:
    """Store a product."""
    product = sandbox.new(
        "prod",
        "product",
        null="default_price package_dimensions shippable tax_details",
        active=data.get("active", True),
        description=data.get("description"),
        images=data.get("images") or [],
        marketing_features=data.get("marketing_features") or [],
        metadata=data.get("metadata") or {},
        name=data["name"],
        statement_descriptor=data.get("statement_descriptor"),
        tax_code=data.get("tax_code"),
        type="service",
        unit_label=data.get("unit_label"),
        updated=sandbox.clock.now(),
        url=data.get("url"),
    )
    if id_ is not None:
        product["id"] = id_
    return sandbox.store.insert(product)


def new_price(sandbox: Sandbox, data: dict[str, Any], product: str, *, path: str = "") -> Object:
    """Store a price; raises InvalidRequest unless exactly one amount is given."""
    amount, decimal = _amounts(data, path)
    recurring = data.get("recurring")
    options = {
        currency: {
            "custom_unit_amount": None,
            "tax_behavior": "unspecified",
            **dict(zip(("unit_amount", "unit_amount_decimal"), _amounts(option, path), strict=True)),
        }
        for currency, option in (data.get("currency_options") or {}).items()
    }
    return sandbox.store.insert(
        sandbox.new(
            "price",
            "price",
            null="custom_unit_amount tiers_mode transform_quantity",
            active=data.get("active", True),
            billing_scheme="per_unit",
            currency=data["currency"],
            lookup_key=data.get("lookup_key"),
            metadata=data.get("metadata") or {},
            nickname=data.get("nickname"),
            product=product,
            recurring=None
            if recurring is None
            else {
                "interval": recurring["interval"],
                "interval_count": recurring.get("interval_count") or 1,
                "meter": None,
                "trial_period_days": recurring.get("trial_period_days"),
                "usage_type": "licensed",
            },
            tax_behavior=data.get("tax_behavior") or "unspecified",
            type="one_time" if recurring is None else "recurring",
            unit_amount=amount,
            unit_amount_decimal=decimal,
            _={"currency_options": options},
        )
    )


def inline(sandbox: Sandbox, data: dict[str, Any], path: str) -> tuple[Object, Object]:
    """The price and product of a `price_data`."""
    id_, product_data = data.get("product"), data.get("product_data")
    if (id_ is None) == (product_data is None):
        raise InvalidRequest(
            f"You must specify exactly one of `product` and `product_data` in {path}.",
            param=f"{path}[product]",
        )
    if id_ is not None:
        product = sandbox.require("product", id_, param=f"{path}[product]")
    else:
        assert product_data is not None
        product = new_product(sandbox, product_data)
    return new_price(sandbox, data, product["id"], path=path), product


def amount_in(price: Object, currency: str | None, path: str) -> tuple[int, str]:
    """The unit amount in this currency (None: the price's own); raises InvalidRequest if it is missing."""
    if currency is None or currency == price["currency"]:
        return _whole(price["unit_amount"], price["unit_amount_decimal"]), price["currency"]
    option = price.get("_", {}).get("currency_options", {}).get(currency)
    if option is None:
        raise InvalidRequest(
            f"The price {price['id']} is not available in {currency}; its currency is "
            f"{price['currency']}. All line "
            "items of a session must have one currency.",
            param=path,
        )
    return _whole(option["unit_amount"], option["unit_amount_decimal"]), currency


def _whole(amount: int | None, decimal: str) -> int:
    return amount if amount is not None else int(Number(decimal).quantize(Number(1), ROUND_HALF_UP))


def _amounts(data: dict[str, Any], path: str) -> tuple[int | None, str]:
    """unit_amount and unit_amount_decimal; the first is None if the second has fractions of a minor unit."""
    amount: int | None = data.get("unit_amount")
    decimal: str | None = data.get("unit_amount_decimal")
    param = f"{path}[unit_amount]" if path else "unit_amount"
    if (amount is None) == (decimal is None):
        raise InvalidRequest(
            "You must pass exactly one of `unit_amount` and `unit_amount_decimal`.",
            param=param,
            code="parameter_missing" if amount is None else None,
        )
    if amount is not None:
        return amount, str(amount)
    assert decimal is not None
    value = Number(decimal)
    if value < 0:
        raise InvalidRequest("Invalid non-negative decimal.", param=f"{param}_decimal")
    return (int(value), decimal) if value == value.to_integral_value() else (None, decimal)
