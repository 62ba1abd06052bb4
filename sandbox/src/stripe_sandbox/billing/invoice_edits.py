"""Changes to an invoice through the API: lines, due date, sending, deletion."""

from __future__ import annotations

from stripe_sandbox.billing import invoice_lines
from stripe_sandbox.billing import invoicing as invoices
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest


def due(sandbox: Sandbox, invoice: Object, method: str | None, days: int | None, date: int | None) -> None:
    """Set how the invoice is collected: charged automatically, or sent with a due date."""
    if method == "charge_automatically" or (
        method is None and invoice["collection_method"] != "send_invoice"
    ):
        if days is not None or date is not None:
            raise InvalidRequest(
                "You can only pass `days_until_due` or `due_date` with `collection_method` send_invoice.",
                param="days_until_due" if days is not None else "due_date",
            )
        invoice.update(collection_method="charge_automatically", due_date=None)
        return
    if (days is None) == (date is None) and not (method is None and days is None):
        raise InvalidRequest(
            "With `collection_method` send_invoice you must pass exactly one of `days_until_due` and "
            "`due_date`.",
            param="days_until_due",
            code="parameter_missing",
        )
    invoice["collection_method"] = "send_invoice"
    if days is not None:
        date = sandbox.clock.now() + days * 24 * 3600
    if date is not None:
        invoice["due_date"] = date


def recompute(sandbox: Sandbox, invoice: Object, lines: list[Object]) -> Object:
    """Set the lines of a draft and recompute its totals: `invoice.updated`."""
    found = [sandbox.require("discount", id_) for id_ in invoice["discounts"]]
    taken = invoice_lines.discounted(sandbox, found, lines)
    subtotal = sum(one["amount"] for one in lines)
    total = subtotal - sum(entry["amount"] for entry in taken)
    for one in lines:
        one["invoice"] = invoice["id"]
    return sandbox.events.changed(
        invoice,
        "invoice.updated",
        lines={**invoice["lines"], "data": lines},
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        total=total,
        total_excluding_tax=total,
        total_discount_amounts=taken,
        amount_due=max(total, 0),
        amount_remaining=max(total, 0),
    )


def mark_uncollectible(sandbox: Sandbox, invoice: Object) -> Object:
    """Mark an open invoice uncollectible: `invoice.marked_uncollectible`. It can still be paid or voided."""
    if invoice["status"] != "open":
        raise InvalidRequest(
            f"You can only mark open invoices as uncollectible; this one is {invoice['status']}.",
            code="invoice_not_editable",
        )
    invoice.update(status="uncollectible", status_details={"uncollectible": {"reason": "user_forgiven"}})
    return invoices.stop_collecting(sandbox, invoice, "marked_uncollectible")


def delete(sandbox: Sandbox, invoice: Object) -> Object:
    """Delete a draft that belongs to no subscription: `invoice.deleted`. Its items become pending again."""
    if invoice["status"] != "draft" or invoice["_"]["subscription"] is not None:
        raise InvalidRequest(
            "You can only delete draft invoices that belong to no subscription. Void an open invoice "
            "instead.",
            code="invoice_not_editable",
        )
    for item in sandbox.store.find("invoiceitem", {"invoice": invoice["id"]}, limit=250):
        item["invoice"] = None
        sandbox.store.update(item)
    sandbox.store.unschedule("invoice.finalize", invoice["id"])
    sandbox.store.delete(invoice["id"])
    sandbox.events.emit("invoice.deleted", invoice)
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


def send(sandbox: Sandbox, invoice: Object) -> Object:
    """Finalize a draft and send it: `invoice.sent`."""
    if invoice["collection_method"] != "send_invoice":
        raise InvalidRequest(
            "You can only manually send an invoice if its collection method is 'send_invoice'.",
            code="invoice_not_editable",
        )
    if invoice["status"] == "draft":
        invoice = invoices.finalize(sandbox, invoice)
    if invoice["status"] not in ("open", "uncollectible", "paid"):
        raise InvalidRequest(
            f"An invoice that is {invoice['status']} cannot be sent.", code="invoice_not_editable"
        )
    sandbox.events.emit("invoice.sent", invoice)
    return invoice
