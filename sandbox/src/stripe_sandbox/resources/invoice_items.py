"""/v1/invoiceitems, and invoices that belong to no subscription."""

from __future__ import annotations

from typing import Any

from stripe_sandbox import invoices
from stripe_sandbox.api import Call, Operations
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.lists import filters, page
from stripe_sandbox.params import (
    METADATA,
    Boolean,
    Currency,
    Integer,
    Shape,
    Text,
    TimeRange,
    choice,
    listed,
    shape,
    unmodelled,
)
from stripe_sandbox.store import Object

operations = Operations()
URL = "/v1/invoiceitems"

CREATE: Shape = shape(
    amount=Integer(minimum=-99_999_999, maximum=99_999_999),
    currency=Currency(),
    customer=Text(required=True),
    description=Text(),
    discountable=Boolean(),
    metadata=METADATA,
    **unmodelled(
        """customer_account discounts invoice period price_data pricing quantity quantity_decimal subscription
        tax_behavior tax_code tax_rates unit_amount_decimal"""
    ),
)
INVOICE: Shape = shape(
    auto_advance=Boolean(),
    collection_method=choice("charge_automatically"),
    currency=Currency(),
    customer=Text(required=True),
    description=Text(),
    metadata=METADATA,
    pending_invoice_items_behavior=choice("exclude", "include"),
    **unmodelled(
        """account_tax_ids application_fee_amount automatic_tax customer_account custom_fields days_until_due
        default_payment_method default_source default_tax_rates discounts due_date effective_at footer
        from_invoice issuer number on_behalf_of payment_settings rendering shipping_cost shipping_details
        statement_descriptor
        subscription transfer_data"""
    ),
)


@operations.post(URL, CREATE)
def create(call: Call) -> Object:
    """Put something on the customer's next invoice."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    for name in ("amount", "currency"):
        if params.get(name) is None:
            raise InvalidRequest(f"Missing required param: {name}.", param=name, code="parameter_missing")
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        now = sandbox.clock.now()
        item = sandbox.new(
            "ii",
            "invoiceitem",
            amount=params["amount"],
            currency=params["currency"],
            customer=customer["id"],
            customer_account=None,
            date=now,
            description=params.get("description"),
            discountable=params.get("discountable", True),
            discounts=[],
            frozen_fields=[],
            invoice=None,
            invoicing_rules=None,
            metadata=params.get("metadata") or {},
            net_amount=params["amount"],
            parent=None,
            period={"start": now, "end": now},
            pricing=None,
            proration=False,
            quantity=1,
            quantity_decimal="1",
            tax_rates=[],
            test_clock=customer["test_clock"],
        )
        del item["created"]
        sandbox.store.insert(item)
        sandbox.events.emit("invoiceitem.created", item)
    return item


@operations.get(URL, listed(created=TimeRange(), customer=Text(), invoice=Text(), pending=Boolean()))
def list_all(call: Call) -> Object:
    """List invoice items."""
    return page(call, "invoiceitem", URL, where=filters(call, "customer", "invoice"))


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve an invoice item."""
    return call.sandbox.require("invoiceitem", call.id, status=404)


@operations.post("/v1/invoices", INVOICE)
def create_invoice(call: Call) -> Object:
    """A draft invoice for a customer with what is pending; it is finalised by the API only."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    pending = _pending(call, customer["id"])
    currency = params.get("currency") or (pending[0]["currency"] if pending else "usd")
    pending = [item for item in pending if item["currency"] == currency]
    metadata: dict[str, Any] = params.get("metadata") or {}
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        now = sandbox.clock.now()
        lines = [invoices.item_line(sandbox, item) for item in pending]
        invoice = invoices.draft(
            sandbox, invoices.single(customer, currency, metadata), "manual", lines, (now, now)
        )
        invoice.update(
            metadata=metadata,
            description=params.get("description"),
            auto_advance=params.get("auto_advance", False),
        )
        invoices.store_draft(sandbox, invoice)
    for item in pending:
        item["invoice"] = invoice["id"]
        sandbox.store.update(item)
    return invoice


def _pending(call: Call, customer: str) -> list[Object]:
    if call.params.get("pending_invoice_items_behavior") == "exclude":
        return []
    found = call.sandbox.store.find("invoiceitem", {"customer": customer}, limit=250)
    return [item for item in reversed(found) if item["invoice"] is None]
