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
        null="""
            address currency customer_account default_source description discount email
            name phone shipping test_clock
        """,
        balance=0,
        delinquent=False,
        invoice_prefix=sandbox.ids.text(8).upper(),
        invoice_settings=dict(NO_SETTINGS),
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
    )
    customer.update(fields)
    sandbox.store.insert(customer)
    sandbox.events.emit("customer.created", customer)
    return customer
