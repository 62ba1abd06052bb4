"""/v1/invoices and /v1/invoice_payments."""

from __future__ import annotations

from typing import Any

from stripe_sandbox import invoices, payment_methods, payments, subscriptions
from stripe_sandbox.api import Call, Operations
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.expand import INCLUDABLE
from stripe_sandbox.lists import filters, listing, page, slice_of
from stripe_sandbox.params import (
    METADATA,
    Boolean,
    Shape,
    Text,
    TimeRange,
    choice,
    listed,
    merge_metadata,
    shape,
    unmodelled,
)
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object

operations = Operations()
URL = "/v1/invoices"
PAYMENTS = "/v1/invoice_payments"

PAY: Shape = shape(
    off_session=Boolean(), payment_method=Text(), **unmodelled("forgive mandate paid_out_of_band source")
)
PREVIEW: Shape = shape(
    customer=Text(),
    subscription=Text(required=True),
    **unmodelled(
        """automatic_tax currency customer_details discounts invoice_items preview_mode schedule
        subscription_details"""
    ),
)


@operations.get(
    URL,
    listed(
        created=TimeRange(),
        customer=Text(),
        subscription=Text(),
        status=choice("draft", "open", "paid", "uncollectible", "void"),
        **unmodelled("collection_method customer_account due_date"),
    ),
)
def list_all(call: Call) -> Object:
    """List invoices."""
    where = filters(call, "customer", "status")
    if call.params.get("subscription") is not None:
        where["_.subscription"] = call.params["subscription"]
    return page(call, "invoice", URL, where=where)


@operations.post(URL + "/create_preview", PREVIEW)
def create_preview(call: Call) -> Object:
    """What the next renewal of a subscription will cost."""
    sandbox = call.sandbox
    subscription = sandbox.require("subscription", call.params["subscription"], param="subscription")
    if subscription["status"] not in subscriptions.LIVE or subscription["cancel_at_period_end"]:
        raise InvalidRequest("No upcoming invoices for this subscription.", code="invoice_upcoming_none")
    with sandbox.clock.at(sandbox.time_of(subscription["test_clock"])):
        start, end = subscriptions.period(subscription)
        lines = [
            invoices.line(sandbox, subscription, item, subscriptions.amount(item), (end, end + (end - start)))
            for item in subscriptions.items(subscription)
        ] + subscription["_"]["pending_lines"]
        invoice = invoices.draft(sandbox, subscription, "upcoming", lines, (start, end))
    invoice["id"] = f"upcoming_{invoice['id']}"
    invoice["lines"]["url"] = f"{URL}/upcoming/lines"
    return invoice


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """Retrieve an invoice."""
    return call.sandbox.require("invoice", call.id, status=404)


@operations.post(URL + "/{id}", shape(description=Text(clearable=True), metadata=METADATA))
def update(call: Call) -> Object:
    """Change an invoice's description or metadata."""
    invoice = call.sandbox.require("invoice", call.id, status=404)
    changes = dict(call.params)
    if "metadata" in changes:
        changes["metadata"] = merge_metadata(invoice["metadata"], changes["metadata"])
    return call.sandbox.events.changed(invoice, "invoice.updated", **changes)


@operations.get(URL + "/{id}/lines", listed())
def list_lines(call: Call) -> Object:
    """List an invoice's lines."""
    invoice = call.sandbox.require("invoice", call.id, status=404)
    return slice_of(invoice["lines"]["data"], call, f"{URL}/{call.id}/lines")


@operations.post(URL + "/{id}/pay", PAY)
def pay(call: Call) -> Object:
    """Charge an open invoice now; raises the 402 of a declined card."""
    sandbox = call.sandbox
    invoice = sandbox.require("invoice", call.id, status=404)
    if invoice["status"] == "paid":
        raise InvalidRequest("Invoice is already paid", code="invoice_not_editable")
    if invoice["status"] not in ("draft", "open"):
        raise InvalidRequest(
            f"An invoice that is {invoice['status']} cannot be paid.", code="invoice_not_editable"
        )
    with sandbox.clock.at(sandbox.time_of(invoice["test_clock"])):
        if invoice["status"] == "draft":
            sandbox.store.unschedule("invoice.finalize", invoice["id"])
            invoice = invoices.finalize(sandbox, invoice)
        method = None
        if call.params.get("payment_method") is not None:
            method = payment_methods.resolve(sandbox, call.params["payment_method"], param="payment_method")
        if invoice["status"] == "open":
            invoice = subscriptions.collect(sandbox, invoice, method)
    if invoice["status"] != "paid":
        intent = sandbox.require("payment_intent", invoice["_"]["intent"])
        if intent["last_payment_error"] is None:
            raise InvalidRequest(
                "There is no default_payment_method set on this Customer or Invoice. Pass one as "
                "payment_method.",
                code="invoice_payment_intent_requires_action",
            )
        raise payments.declined(intent)
    return invoice


@operations.post(URL + "/{id}/void")
def void(call: Call) -> Object:
    """Void an open invoice."""
    return invoices.void(call.sandbox, call.sandbox.require("invoice", call.id, status=404))


@operations.post(URL + "/{id}/finalize", shape(auto_advance=Boolean()))
def finalize(call: Call) -> Object:
    """Finalise a draft now."""
    invoice = call.sandbox.require("invoice", call.id, status=404)
    if invoice["status"] != "draft":
        raise InvalidRequest(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    call.sandbox.store.unschedule("invoice.finalize", invoice["id"])
    return invoices.finalize(call.sandbox, invoice)


@operations.get(
    PAYMENTS,
    listed(
        invoice=Text(),
        payment=shape(payment_intent=Text(), type=choice("payment_intent", required=True)),
        status=choice("canceled", "open", "paid"),
    ),
)
def list_payments(call: Call) -> Object:
    """List payments of invoices."""
    where = filters(call, "invoice", "status")
    if (call.params.get("payment") or {}).get("payment_intent") is not None:
        where["payment.payment_intent"] = call.params["payment"]["payment_intent"]
    return page(call, "invoice_payment", PAYMENTS, where=where)


@operations.get(PAYMENTS + "/{id}")
def retrieve_payment(call: Call) -> Object:
    """Retrieve a payment of an invoice."""
    return call.sandbox.require("invoice_payment", call.id, status=404)


def _payments(sandbox: Sandbox, invoice: Object) -> dict[str, Any]:
    found = sandbox.store.find("invoice_payment", {"invoice": invoice["id"]}, limit=10)
    return listing(found, PAYMENTS)


def _confirmation_secret(sandbox: Sandbox, invoice: Object) -> dict[str, Any] | None:
    stored = sandbox.require("invoice", invoice["id"])
    intent = sandbox.store.get(stored["_"]["intent"] or "", "payment_intent")
    return None if intent is None else {"client_secret": intent["client_secret"], "type": "payment_intent"}


INCLUDABLE["invoice", "payments"] = _payments
INCLUDABLE["invoice", "confirmation_secret"] = _confirmation_secret
