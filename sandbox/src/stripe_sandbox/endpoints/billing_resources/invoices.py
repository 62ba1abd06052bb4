"""/v1/invoices and /v1/invoice_payments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripe_sandbox.billing import invoice_edits, previews
from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.billing import subscription_cycle as subscriptions
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.billing_resources.subscriptions import CHANGED_ITEM, PRORATION
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.rest.expansion import INCLUDABLE
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import (
    Boolean,
    Currency,
    Integer,
    ListOf,
    NowOrTimestamp,
    Text,
    choice,
    timestamp,
)
from stripe_sandbox.rest.resources import Resource, belonging, field, listing, slice_of
from stripe_sandbox.rest.shapes import (
    METADATA,
    Anchor,
    Shape,
    changes_to,
    listed,
    shape,
    unmodelled,
)

operations = Operations()
resource = Resource(operations, "invoice", "/v1/invoices")
payments = Resource(operations, "invoice_payment", "/v1/invoice_payments")

PAY = shape(
    off_session=Boolean(),
    paid_out_of_band=Boolean(),
    payment_method=Text(),
    **unmodelled("forgive mandate source"),
)
COLLECTION = choice("charge_automatically", "send_invoice")
PREVIEW_ITEM = shape(
    amount=Integer(minimum=-99_999_999, maximum=99_999_999),
    currency=Currency(),
    description=Text(),
    discountable=Boolean(),
    metadata=METADATA,
    period=Shape({"end": timestamp(required=True), "start": timestamp(required=True)}),
    quantity=Integer(minimum=1),
    **unmodelled(
        """discounts invoiceitem price price_data quantity_decimal tax_behavior tax_code tax_rates unit_amount
        unit_amount_decimal"""
    ),
)
PREVIEW = shape(
    currency=Currency(),
    customer=Text(),
    discounts=ListOf(
        shape(coupon=Text(), promotion_code=Text(), **unmodelled("discount")), maximum=1, clearable=True
    ),
    invoice_items=ListOf(PREVIEW_ITEM, maximum=250),
    preview_mode=choice("next"),
    subscription=Text(),
    subscription_details=shape(
        billing_cycle_anchor=Anchor(),
        cancel_at=Integer(clearable=True, minimum=0),
        cancel_at_period_end=Boolean(),
        cancel_now=Boolean(),
        items=ListOf(CHANGED_ITEM, maximum=20),
        metadata=METADATA,
        proration_behavior=PRORATION,
        proration_date=timestamp(),
        trial_end=NowOrTimestamp(),
        **unmodelled("billing_mode billing_schedules default_tax_rates pause resume_at start_date"),
    ),
    **unmodelled(
        """automatic_tax customer_account customer_details issuer on_behalf_of schedule schedule_details"""
    ),
)
UPDATE = shape(
    auto_advance=Boolean(),
    collection_method=COLLECTION,
    days_until_due=Integer(minimum=0),
    description=Text(clearable=True),
    due_date=timestamp(),
    footer=Text(clearable=True),
    metadata=METADATA,
    statement_descriptor=Text(max_length=22),
    **unmodelled(
        """account_tax_ids application_fee_amount automatic_tax automatically_finalizes_at custom_fields
        default_payment_method default_source default_tax_rates discounts effective_at issuer number
        on_behalf_of payment_settings rendering shipping_cost shipping_details transfer_data"""
    ),
)
_BEFORE_FINAL = {"collection_method", "days_until_due", "due_date", "footer", "statement_descriptor"}


resource.add_reads(
    {"subscription": field("_.subscription")},
    customer=Text(),
    subscription=Text(),
    status=choice("draft", "open", "paid", "uncollectible", "void"),
    **unmodelled("collection_method customer_account due_date"),
)


@operations.post(resource.url + "/create_preview", PREVIEW)
def create_preview(call: Call) -> Object:
    """Preview the next invoice of a subscription, with changes if given, or of a new subscription."""
    sandbox, params = call.sandbox, call.params
    if params.get("subscription") is not None:
        subscription = belonging(call, "subscription", "customer")
        with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
            return previews.of_subscription(sandbox, subscription, params)
    if params.get("customer") is None:
        raise InvalidRequest(
            "You must specify a customer or a subscription.", param="customer", code="parameter_missing"
        )
    customer = sandbox.require("customer", params["customer"], param="customer")
    with sandbox.clock.at(sandbox.time_of(customer["test_clock"])):
        return previews.of_new(sandbox, customer, params)


@resource.post(params=UPDATE)
def update(call: Call, invoice: Object) -> Object:
    """Change an invoice; once it is finalized, only its description and metadata."""
    changes = changes_to(invoice, call.params)
    if _BEFORE_FINAL & set(changes) and invoice["status"] != "draft":
        raise InvalidRequest("Finalized invoices can't be updated in this way.", code="invoice_not_editable")
    collected = [changes.pop(name, None) for name in ("collection_method", "days_until_due", "due_date")]
    if any(one is not None for one in collected):
        copy = dict(invoice)
        invoice_edits.due(call.sandbox, copy, *collected)
        changes |= {name: copy[name] for name in ("collection_method", "due_date")}
    return call.sandbox.events.changed(invoice, "invoice.updated", **changes)


@resource.delete()
def delete(call: Call, invoice: Object) -> Object:
    """Delete a draft that belongs to no subscription."""
    return _at_clock_time(call, invoice, invoice_edits.delete)


@resource.get("/lines", listed())
def list_lines(call: Call, invoice: Object) -> Object:
    """List an invoice's lines."""
    return slice_of(invoice["lines"]["data"], call, f"{resource.url}/{call.id}/lines")


@resource.post("/pay", PAY)
def pay(call: Call, invoice: Object) -> Object:
    """Charge an open invoice now; raises the 402 of a declined card."""
    sandbox = call.sandbox
    if invoice["status"] == "paid":
        raise InvalidRequest("Invoice is already paid", code="invoice_not_editable")
    if invoice["status"] not in ("draft", "open", "uncollectible"):
        raise InvalidRequest(
            f"An invoice that is {invoice['status']} cannot be paid.", code="invoice_not_editable"
        )
    with sandbox.clock.at(sandbox.time_of(invoice["test_clock"])):
        if invoice["status"] == "draft":
            sandbox.store.unschedule("invoice.finalize", invoice["id"])
            invoice = invoices.finalize(sandbox, invoice)
        if call.params.get("paid_out_of_band") and invoice["status"] != "paid":
            return invoices.mark_paid(sandbox, invoice, None, elsewhere=True)
        method = None
        if call.params.get("payment_method") is not None:
            method = payment_methods.resolve(sandbox, call.params["payment_method"], param="payment_method")
        if invoice["status"] in ("open", "uncollectible"):
            invoice = subscriptions.collect(sandbox, invoice, method)
    if invoice["status"] != "paid":
        intent = sandbox.require("payment_intent", invoice["_"]["intent"])
        if intent["last_payment_error"] is None:
            raise InvalidRequest(
                "There is no default_payment_method set on this Customer or Invoice. Pass one as "
                "payment_method.",
                code="invoice_payment_intent_requires_action",
            )
        raise attempts.declined(intent)
    return invoice


@resource.post("/void")
def void(call: Call, invoice: Object) -> Object:
    """Void an open invoice."""
    return _at_clock_time(call, invoice, invoices.void)


@resource.post("/mark_uncollectible")
def mark_uncollectible(call: Call, invoice: Object) -> Object:
    """Mark an open invoice as uncollectible."""
    return _at_clock_time(call, invoice, invoice_edits.mark_uncollectible)


@resource.post("/send")
def send(call: Call, invoice: Object) -> Object:
    """Send an invoice that is collected by sending it."""
    return _at_clock_time(call, invoice, invoice_edits.send)


@resource.post("/finalize", shape(auto_advance=Boolean()))
def finalize(call: Call, invoice: Object) -> Object:
    """Finalize a draft now."""
    return _at_clock_time(call, invoice, _finalize)


def _at_clock_time(call: Call, invoice: Object, act: Callable[[Sandbox, Object], Object]) -> Object:
    """Run this for the invoice, at the time of its test clock."""
    with call.sandbox.clock.at(call.sandbox.time_of(invoice["test_clock"])):
        return act(call.sandbox, invoice)


def _finalize(sandbox: Sandbox, invoice: Object) -> Object:
    if invoice["status"] != "draft":
        raise InvalidRequest(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    sandbox.store.unschedule("invoice.finalize", invoice["id"])
    return invoices.finalize(sandbox, invoice)


def _payment_intent(payment: dict[str, Any]) -> dict[str, Any]:
    intent = payment.get("payment_intent")
    return {} if intent is None else {"payment.payment_intent": intent}


payments.add_reads(
    {"payment": _payment_intent},
    invoice=Text(),
    payment=shape(
        payment_intent=Text(),
        type=choice("payment_intent", required=True),
        **unmodelled("payment_record"),
    ),
    status=choice("canceled", "open", "paid"),
)


def _payments(sandbox: Sandbox, invoice: Object) -> dict[str, Any]:
    found = sandbox.store.find("invoice_payment", {"invoice": invoice["id"]}, limit=10)
    return listing(found, payments.url)


def _confirmation_secret(sandbox: Sandbox, invoice: Object) -> dict[str, Any] | None:
    stored = sandbox.require("invoice", invoice["id"])
    intent = sandbox.store.get(stored["_"]["intent"] or "", "payment_intent")
    return None if intent is None else {"client_secret": intent["client_secret"], "type": "payment_intent"}


INCLUDABLE["invoice", "payments"] = _payments
INCLUDABLE["invoice", "confirmation_secret"] = _confirmation_secret
