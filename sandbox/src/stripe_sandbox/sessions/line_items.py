"""The line items of a Checkout Session, from existing prices or from price_data."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import pricing as prices
from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.params import Currency, Decimal, Hash, Integer, ListOf, Text, Unmodelled, Url, choice
from stripe_sandbox.rest.shapes import shape

PRODUCT_DATA = shape(
    name=Text(required=True),
    description=Text(),
    images=ListOf(Url(), maximum=8),
    metadata=Hash(),
    tax_code=Text(),
    tax_details=Unmodelled(),
    unit_label=Text(),
)
RECURRING = shape(
    interval=choice("day", "week", "month", "year", required=True), interval_count=Integer(minimum=1)
)
PRICE_DATA = shape(
    currency=Currency(required=True),
    product=Text(),
    product_data=PRODUCT_DATA,
    recurring=RECURRING,
    tax_behavior=choice("exclusive", "inclusive", "unspecified"),
    unit_amount=Integer(minimum=0),
    unit_amount_decimal=Decimal(),
)
LINE_ITEM = shape(
    price=Text(),
    price_data=PRICE_DATA,
    quantity=Integer(minimum=0, maximum=999_999),
    adjustable_quantity=Unmodelled(),
    dynamic_tax_rates=Unmodelled(),
    tax_rates=Unmodelled(),
    metadata=Hash(),
)


def build(sandbox: Sandbox, wanted: list[dict[str, Any]], mode: str, currency: str | None) -> list[Object]:
    """The line items of a new session; raises InvalidRequest if price, mode and currency do not match."""
    return [_line(sandbox, item, mode, currency, f"line_items[{index}]") for index, item in enumerate(wanted)]


def free(lines: list[Object]) -> None:
    """Set the lines to zero, because a trial makes the first payment free."""
    for line in lines:
        line.update(amount_subtotal=0, amount_total=0)


def listed(session: Object) -> list[Object]:
    """The lines of a session."""
    lines: list[Object] = session["_"]["line_items"]
    return lines


def _line(sandbox: Sandbox, item: dict[str, Any], mode: str, currency: str | None, path: str) -> Object:
    price, product = _price(sandbox, item, path)
    recurring = price["type"] == "recurring"
    if mode == "payment" and recurring:
        raise InvalidRequest(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` "
            "mode or use "
            "only one-time prices.",
            param=path,
        )
    if mode == "subscription" and not recurring:
        raise InvalidRequest(
            "The sandbox does not model one-time prices in `subscription` mode (Stripe itself does).",
            param=path,
        )
    quantity = item.get("quantity")
    if quantity is None:
        raise InvalidRequest("Quantity is required. Add `quantity` to `" + path + "`", param=path)
    unit, currency = prices.amount_in(price, currency, path)
    subtotal = unit * quantity
    if subtotal > money.MAXIMUM:
        raise InvalidRequest(
            f"The total amount must be no more than {money.show(money.MAXIMUM, currency)}.",
            param=path,
            code="amount_too_large",
        )
    return {
        "id": sandbox.ids.new("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": subtotal,
        "amount_tax": 0,
        "amount_total": subtotal,
        "currency": currency,
        "description": product["name"],
        "discounts": [],
        "metadata": item.get("metadata") or {},
        "price": public(price),
        "quantity": quantity,
        "taxes": [],
    }


def _price(sandbox: Sandbox, item: dict[str, Any], path: str) -> tuple[Object, Object]:
    id_, data = item.get("price"), item.get("price_data")
    if (id_ is None) == (data is None):
        which = "both" if id_ else "neither"
        raise InvalidRequest(
            f"You must specify either `price` or `price_data` in {path}; {which} given.", param=path
        )
    if id_ is not None:
        price = sandbox.require("price", id_, param=f"{path}[price]")
        if not price["active"]:
            raise InvalidRequest(
                "The price specified is inactive. This field only accepts active prices.",
                param=f"{path}[price]",
            )
        return price, sandbox.require("product", price["product"], param=f"{path}[price]")
    assert data is not None
    return prices.inline(sandbox, data, f"{path}[price_data]")
