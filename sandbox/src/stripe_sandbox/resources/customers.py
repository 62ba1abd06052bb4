"""/v1/customers."""

from __future__ import annotations

from typing import Any

from stripe_sandbox import customers, payment_methods, subscriptions
from stripe_sandbox.api import Call, Operations
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.lists import filters, page
from stripe_sandbox.params import (
    METADATA,
    Email,
    ListOf,
    Shape,
    Text,
    TimeRange,
    choice,
    listed,
    merge_metadata,
    shape,
    unmodelled,
)
from stripe_sandbox.store import Object

operations = Operations()
URL = "/v1/customers"

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
WRITABLE: Shape = shape(
    address=ADDRESS,
    description=Text(clearable=True),
    email=Email(clearable=True),
    invoice_settings=shape(default_payment_method=Text(clearable=True), **unmodelled("custom_fields footer")),
    metadata=METADATA,
    name=Text(clearable=True, max_length=256),
    phone=Text(clearable=True, max_length=20),
    preferred_locales=ListOf(Text()),
    tax_exempt=choice("exempt", "none", "reverse", clearable=True),
    **unmodelled("balance cash_balance shipping source tax tax_id_data"),
)


@operations.post(URL, Shape({**WRITABLE.fields, "payment_method": Text(), "test_clock": Text()}))
def create(call: Call) -> Object:
    """Create a customer."""
    given = {**call.params, "metadata": call.params.get("metadata") or {}}
    given["tax_exempt"] = given.get("tax_exempt") or "none"
    clock = given.get("test_clock")
    if clock is not None:
        call.sandbox.require("test_helpers.test_clock", clock, param="test_clock")
    with call.sandbox.clock.at(call.sandbox.time_of(clock)):
        return _create(call, given)


@operations.get(URL, listed(created=TimeRange(), email=Text()))
def list_all(call: Call) -> Object:
    """List customers."""
    return page(call, "customer", URL, where=filters(call, "email"))


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve a customer."""
    return call.sandbox.require("customer", call.id, status=404)


@operations.post(URL + "/{id}", WRITABLE)
def update(call: Call) -> Object:
    """Change a customer."""
    customer = call.sandbox.require("customer", call.id, status=404)
    changes = dict(call.params)
    if "metadata" in changes:
        changes["metadata"] = merge_metadata(customer["metadata"], changes["metadata"])
    if "invoice_settings" in changes:
        changes["invoice_settings"] = _invoice_settings(call, changes["invoice_settings"], customer)
    if "tax_exempt" in changes:
        changes["tax_exempt"] = changes["tax_exempt"] or "none"
    return call.sandbox.events.changed(customer, "customer.updated", **changes)


@operations.delete(URL + "/{id}")
def delete(call: Call) -> Object:
    """Delete a customer: `customer.deleted`."""
    customer = call.sandbox.require("customer", call.id, status=404)
    # Deleting a customer ends what it pays for.
    for subscription in call.sandbox.store.find("subscription", {"customer": customer["id"]}):
        if subscription["status"] in subscriptions.LIVE:
            subscriptions.end(call.sandbox, subscription, reason=None)
    call.sandbox.store.delete(customer["id"])
    call.sandbox.events.emit("customer.deleted", customer)
    return {"id": customer["id"], "object": "customer", "deleted": True}


def _invoice_settings(call: Call, given: dict[str, Any], customer: Object | None) -> Object:
    """The settings with a new default card, which must be this customer's own."""
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
    """Create the customer with the card that comes with it; the default may name that same card."""
    sandbox = call.sandbox
    card, settings = given.pop("payment_method", None), given.pop("invoice_settings", None) or {}
    method = None if card is None else payment_methods.resolve(sandbox, card, param="payment_method")
    customer = customers.create(sandbox, **given)
    if method is not None:
        payment_methods.attach(sandbox, method, customer["id"])
    if settings.get("default_payment_method") is not None:
        if method is not None and settings["default_payment_method"] == card:
            settings = {**settings, "default_payment_method": method["id"]}
        customer["invoice_settings"] = _invoice_settings(call, settings, customer)
        sandbox.store.update(customer)
    return customer
