"""Invoices: draft, finalization, payment and failure."""

from __future__ import annotations

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import intents as payments

ANNOUNCED_AFTER = 14


def store_draft(sandbox: Sandbox, invoice: Object) -> Object:
    """Store a draft and emit `invoice.created`."""
    invoice["lines"]["url"] = f"/v1/invoices/{invoice['id']}/lines"
    for one in invoice["lines"]["data"]:
        one["invoice"] = invoice["id"]
    sandbox.store.insert(invoice)
    sandbox.events.emit("invoice.created", invoice)
    return invoice


def finalize(sandbox: Sandbox, invoice: Object) -> Object:
    """Number the invoice and open it: `invoice.finalized`; one with nothing due is paid immediately."""
    customer = sandbox.require("customer", invoice["customer"])
    now = sandbox.clock.now()
    invoice.update(
        status="open",
        number=f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}",
        effective_at=now,
        automatically_finalizes_at=None,
        ending_balance=0,
        hosted_invoice_url=f"{sandbox.settings.base_url}/i/{invoice['id']}",
    )
    invoice["status_transitions"]["finalized_at"] = now
    customer["next_invoice_sequence"] += 1
    sandbox.store.update(customer)
    sandbox.store.update(invoice)
    sandbox.events.emit("invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        return mark_paid(sandbox, invoice, None)
    return invoice


def payment_intent(sandbox: Sandbox, invoice: Object) -> Object:
    """The payment intent of an open invoice, created when first needed."""
    if invoice["_"]["intent"] is not None:
        return sandbox.require("payment_intent", invoice["_"]["intent"])
    reason = (
        "Subscription creation"
        if invoice["billing_reason"] == "subscription_create"
        else "Subscription update"
    )
    intent = payments.create_intent(
        sandbox,
        invoice["amount_due"],
        invoice["currency"],
        links={"invoice": invoice["id"]},
        customer=invoice["customer"],
        description=reason,
        setup_future_usage="off_session",
    )
    invoice["_"]["intent"] = intent["id"]
    sandbox.store.update(invoice)
    return intent


def mark_paid(sandbox: Sandbox, invoice: Object, intent: Object | None, *, elsewhere: bool = False) -> Object:
    """Mark as paid: `invoice.paid` and `invoice.payment_succeeded`; `invoice_payment.paid` follows shortly
    after, as in Stripe. `elsewhere`: paid outside Stripe.
    """
    invoice.update(
        status="paid",
        status_details=None,
        amount_paid=0 if elsewhere else invoice["amount_due"],
        amount_paid_off_stripe=invoice["amount_due"] if elsewhere else 0,
        amount_remaining=0,
        attempted=True,
        next_payment_attempt=None,
    )
    invoice["status_transitions"]["paid_at"] = sandbox.clock.now()
    if intent is not None:
        invoice["attempt_count"] += 1
        payment = _payment(sandbox, invoice, intent)
        sandbox.store.schedule(
            "invoice_payment.paid",
            payment["id"],
            sandbox.clock.now() + ANNOUNCED_AFTER,
            invoice["test_clock"],
        )
    sandbox.store.unschedule("invoice.retry", invoice["id"])
    sandbox.store.update(invoice)
    sandbox.events.emit("invoice.paid", invoice)
    sandbox.events.emit("invoice.payment_succeeded", invoice)
    return invoice


def mark_failed(sandbox: Sandbox, invoice: Object, intent: Object, next_attempt: int | None) -> Object:
    """Record a failed payment: `invoice.payment_failed`, preceded by `invoice.payment_action_required` if 3-D
    Secure is required.
    """
    invoice.update(
        attempt_count=invoice["attempt_count"] + 1, attempted=True, next_payment_attempt=next_attempt
    )
    sandbox.store.update(invoice)
    code = (intent["last_payment_error"] or {}).get("code")
    if code == "authentication_required" or intent["status"] == "requires_action":
        sandbox.events.emit("invoice.payment_action_required", invoice)
    sandbox.events.emit("invoice.payment_failed", invoice)
    return invoice


def void(sandbox: Sandbox, invoice: Object) -> Object:
    """Void an open invoice: `invoice.voided`."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise InvalidRequest(
            f"You can only void open or uncollectible invoices; this one is {invoice['status']}.",
            code="invoice_not_editable",
        )
    invoice["status"] = "void"
    return stop_collecting(sandbox, invoice, "voided")


def stop_collecting(sandbox: Sandbox, invoice: Object, what: str) -> Object:
    """Store an open invoice that will not be collected, without its next attempt; `what` names the event and
    the time of the change: `invoice.voided`, `voided_at`.
    """
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"][f"{what}_at"] = sandbox.clock.now()
    sandbox.store.unschedule("invoice.retry", invoice["id"])
    sandbox.store.update(invoice)
    sandbox.events.emit(f"invoice.{what}", invoice)
    return invoice


def announce_payment(sandbox: Sandbox, payment: Object) -> None:
    """Emit `invoice_payment.paid`, which links the invoice and the payment intent."""
    sandbox.events.emit("invoice_payment.paid", payment)


def _payment(sandbox: Sandbox, invoice: Object, intent: Object) -> Object:
    payment = sandbox.new(
        "inpay",
        "invoice_payment",
        amount_paid=invoice["amount_due"],
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"payment_intent": intent["id"], "type": "payment_intent"},
        status="paid",
        status_transitions={"canceled_at": None, "paid_at": sandbox.clock.now()},
    )
    del payment["metadata"]
    return sandbox.store.insert(payment)
