"""Customers."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object

NO_SETTINGS: Object = {
    "custom_fields": None,
    "default_payment_method": None,
    "footer": None,
    "rendering_options": None,
}


def create(sandbox: Sandbox, **fields: Any) -> Object:
    """Store a customer and emit `customer.created`."""
    customer = sandbox.new(
        "cus",
        "customer",
        address=None,
        balance=0,
        currency=None,
        customer_account=None,
        default_source=None,
        delinquent=False,
        description=None,
        discount=None,
        email=None,
        invoice_prefix=sandbox.ids.text(8).upper(),
        invoice_settings=dict(NO_SETTINGS),
        name=None,
        next_invoice_sequence=1,
        phone=None,
        preferred_locales=[],
        shipping=None,
        tax_exempt="none",
        test_clock=None,
    )
    customer.update(fields)
    sandbox.store.insert(customer)
    sandbox.events.emit("customer.created", customer)
    return customer
