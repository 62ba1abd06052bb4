"""/v1/customers."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.billing import subscription_reads
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import customer_records as customers
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Email, ListOf, Removed, Text, choice
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, Shape, changes_to, shape, unmodelled

operations = Operations()
resource = Resource(operations, "customer", "/v1/customers")

ADDRESS = Shape(
    {
        "city": Text(clearable=True),
        "country": Text(clearable=True, max_length=2),
        "line1": Text(clearable=True),
        "line2": Text(clearable=True),
        "postal_code": Text(clearable=True),
        "state": Text(clearable=True),
    },
    clearable=True,
)
CUSTOMER_SHIPPING = Shape(
    {
        "address": Shape(ADDRESS.fields, required=True),
        "name": Text(required=True),
        "phone": Text(),
    },
    clearable=True,
)
WRITABLE = shape(
    address=ADDRESS,
    description=Text(clearable=True),
    email=Email(clearable=True),
    invoice_settings=shape(
        default_payment_method=Text(clearable=True), **unmodelled("custom_fields footer rendering_options")
    ),
    metadata=METADATA,
    name=Text(clearable=True, max_length=256),
    phone=Text(clearable=True, max_length=20),
    preferred_locales=ListOf(Text()),
    tax_exempt=choice("exempt", "none", "reverse", clearable=True),
    shipping=CUSTOMER_SHIPPING,
    coupon=Removed("Put discounts on subscriptions, invoices or Checkout Sessions."),
    **unmodelled(
        """balance business_name cash_balance individual_name invoice_prefix next_invoice_sequence source
        tax validate"""
    ),
)


CREATE = Shape(
    {**WRITABLE.fields, "payment_method": Text(), "test_clock": Text(), **unmodelled("tax_id_data")}
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a customer."""
    given = {**call.params, "metadata": call.params.get("metadata") or {}}
    given["tax_exempt"] = given.get("tax_exempt") or "none"
    clock = given.get("test_clock")
    if clock is not None:
        call.sandbox.require("test_helpers.test_clock", clock, param="test_clock")
    with call.sandbox.clock.at(call.sandbox.time_of(clock)):
        return _create(call, given)


resource.add_list(email=Text(), test_clock=Text())


@operations.get(resource.url + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve a customer; of a deleted one, its id."""
    left = call.sandbox.store.get(call.id, "deleted")
    return left or call.sandbox.require("customer", call.id, status=404)


@resource.post(params=Shape({**WRITABLE.fields, **unmodelled("default_source")}))
def update(call: Call, customer: Object) -> Object:
    """Change a customer."""
    changes = changes_to(customer, call.params)
    if "invoice_settings" in changes:
        changes["invoice_settings"] = _invoice_settings(call, changes["invoice_settings"], customer)
    if "tax_exempt" in changes:
        changes["tax_exempt"] = changes["tax_exempt"] or "none"
    for name in ("address", "shipping"):
        if name in changes:
            changes[name] = _SHOWN[name](changes[name])
    return call.sandbox.events.changed(customer, "customer.updated", **changes)


@resource.delete()
def delete(call: Call, customer: Object) -> Object:
    """Delete a customer: `customer.deleted`."""
    # Deleting a customer ends its subscriptions.
    for subscription in call.sandbox.store.find("subscription", {"customer": customer["id"]}):
        if subscription["status"] in subscription_reads.LIVE:
            subscriptions.end(call.sandbox, subscription, reason=None)
    left = call.sandbox.store.delete_keeping_id(customer)
    call.sandbox.events.emit("customer.deleted", customer)
    return left


def _address(given: dict[str, Any] | None) -> Object | None:
    return None if given is None else {**payment_methods.EMPTY_ADDRESS, **given}


def _shipping(given: dict[str, Any] | None) -> Object | None:
    return None if given is None else {"phone": None, **given, "address": _address(given["address"])}


_SHOWN = {"address": _address, "shipping": _shipping}


def _invoice_settings(call: Call, given: dict[str, Any], customer: Object | None) -> Object:
    """The settings with a new default card, which must belong to this customer."""
    id_ = given.get("default_payment_method")
    if id_ is not None:
        method = call.sandbox.require("payment_method", id_, param="invoice_settings[default_payment_method]")
        if customer is None or method["customer"] != customer["id"]:
            raise InvalidRequest(
                "The customer does not have a payment method with this ID. Attach it first.",
                param="invoice_settings[default_payment_method]",
                code="resource_missing",
            )
    current = customers.NO_SETTINGS if customer is None else customer["invoice_settings"]
    return {**current, **given}


def _create(call: Call, given: dict[str, Any]) -> Object:
    """Create the customer, with the card if one is given; the default may name that card."""
    sandbox = call.sandbox
    card, settings = given.pop("payment_method", None), given.pop("invoice_settings", None) or {}
    method = None if card is None else payment_methods.resolve(sandbox, card, param="payment_method")
    for name in ("address", "shipping"):
        if name in given:
            given[name] = _SHOWN[name](given[name])
    customer = customers.create(sandbox, **given)
    if method is not None:
        payment_methods.attach(sandbox, method, customer["id"])
    if settings.get("default_payment_method") is not None:
        if method is not None and settings["default_payment_method"] == card:
            settings = {**settings, "default_payment_method": method["id"]}
        customer["invoice_settings"] = _invoice_settings(call, settings, customer)
        sandbox.store.update(customer)
    return customer
