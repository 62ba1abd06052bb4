"""/v1/invoiceitems, and invoices that belong to no subscription."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import invoice_edits, invoice_lines
from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import pricing as prices
from stripe_sandbox.core.store import ANY, Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Currency, Integer, Text, choice, timestamp
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, Shape, changes_to, shape, unmodelled

operations = Operations()
resource = Resource(operations, "invoiceitem", "/v1/invoiceitems")

PERIOD = Shape({"end": timestamp(required=True), "start": timestamp(required=True)})
CREATE = shape(
    amount=Integer(minimum=-99_999_999, maximum=99_999_999),
    currency=Currency(),
    customer=Text(required=True),
    description=Text(),
    discountable=Boolean(),
    invoice=Text(),
    metadata=METADATA,
    period=PERIOD,
    pricing=shape(price=Text(required=True)),
    quantity=Integer(minimum=1),
    **unmodelled(
        """customer_account discounts price_data quantity_decimal subscription tax_behavior tax_code
        tax_rates unit_amount_decimal"""
    ),
)
UPDATE = shape(
    amount=Integer(minimum=-99_999_999, maximum=99_999_999),
    description=Text(),
    discountable=Boolean(),
    metadata=METADATA,
    period=PERIOD,
    **unmodelled(
        """discounts invoicing_rules price_data pricing quantity quantity_decimal tax_behavior
        tax_code tax_rates unit_amount_decimal"""
    ),
)
INVOICE = shape(
    auto_advance=Boolean(),
    collection_method=choice("charge_automatically", "send_invoice"),
    currency=Currency(),
    customer=Text(required=True),
    days_until_due=Integer(minimum=0),
    description=Text(),
    due_date=timestamp(),
    footer=Text(),
    metadata=METADATA,
    pending_invoice_items_behavior=choice("exclude", "include"),
    **unmodelled(
        """account_tax_ids application_fee_amount automatic_tax automatically_finalizes_at
        customer_account custom_fields default_payment_method default_source default_tax_rates
        discounts effective_at from_invoice issuer number on_behalf_of payment_settings rendering
        shipping_cost shipping_details statement_descriptor subscription transfer_data"""
    ),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Add an item to the customer's next invoice."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    quantity = params.get("quantity") or 1
    price = None
    if params.get("pricing") is not None:
        price = sandbox.require("price", params["pricing"]["price"], param="pricing[price]")
        params |= {"amount": _price_amount(price) * quantity, "currency": price["currency"]}
    for name in ("amount", "currency"):
        if params.get(name) is None:
            raise InvalidRequest(f"Missing required param: {name}.", param=name, code="parameter_missing")
    invoice = _draft_for(call, customer, params["currency"])
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        now = sandbox.clock.now()
        item = sandbox.new(
            "ii",
            "invoiceitem",
            null="customer_account invoice invoicing_rules parent",
            amount=params["amount"],
            currency=params["currency"],
            customer=customer["id"],
            date=now,
            description=params.get("description"),
            discountable=params.get("discountable", True),
            discounts=[],
            frozen_fields=[],
            metadata=params.get("metadata") or {},
            net_amount=params["amount"],
            period=params.get("period") or {"start": now, "end": now},
            pricing=None if price is None else _pricing(price),
            proration=False,
            quantity=quantity,
            quantity_decimal=str(quantity),
            tax_rates=[],
            test_clock=customer["test_clock"],
        )
        del item["created"]
        sandbox.store.insert(item)
        sandbox.events.emit("invoiceitem.created", item)
        if invoice is not None:
            item["invoice"] = invoice["id"]
            sandbox.store.update(item)
            invoice_edits.recompute(
                sandbox, invoice, [*invoice["lines"]["data"], invoice_lines.item_line(sandbox, item)]
            )
    return item


resource.add_reads(
    {"pending": lambda pending: {"invoice": None if pending else ANY}},
    customer=Text(),
    invoice=Text(),
    pending=Boolean(),
    **unmodelled("customer_account"),
)


@resource.post(params=UPDATE)
def update(call: Call, item: Object) -> Object:
    """Change an invoice item while its invoice, if any, is a draft."""
    sandbox = call.sandbox
    invoice = _editable(call, item)
    changes = changes_to(item, call.params)
    if "amount" in changes:
        changes["net_amount"] = changes["amount"]
    item.update(changes)
    sandbox.store.update(item)
    if invoice is not None:
        lines = [
            invoice_lines.item_line(sandbox, item) if _is_of(line, item) else line
            for line in invoice["lines"]["data"]
        ]
        invoice_edits.recompute(sandbox, invoice, lines)
    return item


@resource.delete()
def delete(call: Call, item: Object) -> Object:
    """Delete an invoice item while its invoice, if any, is a draft: `invoiceitem.deleted`."""
    sandbox = call.sandbox
    invoice = _editable(call, item)
    answer = resource.deleted(call, item, "invoiceitem.deleted")
    if invoice is not None:
        lines = [line for line in invoice["lines"]["data"] if not _is_of(line, item)]
        invoice_edits.recompute(sandbox, invoice, lines)
    return answer


@operations.post("/v1/invoices", INVOICE)
def create_invoice(call: Call) -> Object:
    """Create a draft invoice with the customer's pending items; only the API finalizes it."""
    sandbox, params = call.sandbox, call.params
    customer = sandbox.require("customer", params["customer"], param="customer")
    pending = _pending(call, customer["id"])
    currency = params.get("currency") or (pending[0]["currency"] if pending else "usd")
    pending = [item for item in pending if item["currency"] == currency]
    metadata: dict[str, Any] = params.get("metadata") or {}
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        now = sandbox.clock.now()
        lines = [invoice_lines.item_line(sandbox, item) for item in pending]
        invoice = invoice_lines.draft(
            sandbox, invoice_lines.single(customer, currency, metadata), "manual", lines, (now, now)
        )
        invoice.update(
            metadata=metadata,
            description=params.get("description"),
            footer=params.get("footer"),
            auto_advance=params.get("auto_advance", False),
        )
        if "collection_method" in params or "days_until_due" in params or "due_date" in params:
            wanted = [params.get(name) for name in ("collection_method", "days_until_due", "due_date")]
            invoice_edits.due(sandbox, invoice, *wanted)
        invoices.store_draft(sandbox, invoice)
    for item in pending:
        item["invoice"] = invoice["id"]
        sandbox.store.update(item)
    return invoice


def _draft_for(call: Call, customer: Object, currency: str) -> Object | None:
    """The draft to which a new item is added now, if one is named."""
    if call.params.get("invoice") is None:
        return None
    invoice = call.sandbox.require("invoice", call.params["invoice"], param="invoice")
    if invoice["status"] != "draft":
        raise InvalidRequest(
            "Items can only be added to a draft invoice.", param="invoice", code="invoice_not_editable"
        )
    if invoice["customer"] != customer["id"] or invoice["currency"] != currency:
        raise InvalidRequest(
            "The invoice belongs to another customer or has another currency.", param="invoice"
        )
    return invoice


def _editable(call: Call, item: Object) -> Object | None:
    """The invoice of an item; raises InvalidRequest if it is finalized."""
    if item["invoice"] is None:
        return None
    invoice = call.sandbox.require("invoice", item["invoice"])
    if invoice["status"] != "draft":
        raise InvalidRequest(
            "This invoice item is on a finalized invoice and can no longer be changed.",
            code="invoice_not_editable",
        )
    return invoice


def _is_of(line: Object, item: Object) -> bool:
    details = line["parent"]["invoice_item_details"]
    return details is not None and details["invoice_item"] == item["id"]


def _price_amount(price: Object) -> int:
    return prices.amount_in(price, None, "pricing[price]")[0]


def _pricing(price: Object) -> Object:
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def _pending(call: Call, customer: str) -> list[Object]:
    if call.params.get("pending_invoice_items_behavior") == "exclude":
        return []
    found = call.sandbox.store.find("invoiceitem", {"customer": customer}, limit=250)
    return [item for item in reversed(found) if item["invoice"] is None]
