"""Invoices: from the draft by way of finalisation to the payment, or to its failure."""

from __future__ import annotations

from typing import Any

from stripe_sandbox import discounts, payments, standing_discounts
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object

#: Seconds from a renewal's draft to its finalisation, and from a payment to `invoice_payment.paid`.
DRAFT_SECONDS = 3600
ANNOUNCED_AFTER = 14


def line(
    sandbox: Sandbox, subscription: Object, item: Object, amount: int, period: tuple[int, int], **changes: Any
) -> Object:
    """One line of an invoice: an item of the subscription for a period."""
    proration = bool(changes.pop("proration", False))
    price = item["price"]
    return {
        "id": sandbox.ids.new("il"),
        "object": "line_item",
        "amount": amount,
        "currency": subscription["currency"],
        "description": changes.pop("description", None)
        or f"{item['quantity']} × {price['nickname'] or 'subscription'}",
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": {"credited_items": None} if proration else None,
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subtotal": amount,
        "taxes": [],
    }


def draft(
    sandbox: Sandbox,
    subscription: Object,
    reason: str,
    lines: list[Object],
    period: tuple[int, int],
    *,
    discounts: list[Object] | None = None,
) -> Object:
    """A draft invoice for a subscription (or, without an id, for its customer), discounts taken off (None:
    those that run); not stored.
    """
    customer = sandbox.require("customer", subscription["customer"])
    subtotal = sum(one["amount"] for one in lines)
    if discounts is None:
        discounts = standing_discounts.running(sandbox, subscription)
    taken = discounted(sandbox, discounts, lines)
    total = subtotal - sum(entry["amount"] for entry in taken)
    due = max(total, 0)
    return sandbox.new(
        "in",
        "invoice",
        account_country="US",
        account_name="Stripe Sandbox",
        account_tax_ids=None,
        amount_due=due,
        amount_overpaid=0,
        amount_paid=0,
        amount_paid_off_stripe=0,
        amount_remaining=due,
        amount_shipping=0,
        application=None,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        automatic_tax={
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        automatically_finalizes_at=None,
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=subscription["currency"],
        custom_fields=None,
        customer=customer["id"],
        customer_account=None,
        customer_address=customer["address"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_phone=customer["phone"],
        customer_shipping=None,
        customer_tax_exempt=customer["tax_exempt"],
        customer_tax_ids=[],
        default_payment_method=None,
        default_source=None,
        default_tax_rates=[],
        description=None,
        discounts=[entry["discount"] for entry in taken],
        due_date=None,
        effective_at=None,
        ending_balance=None,
        footer=None,
        from_invoice=None,
        hosted_invoice_url=None,
        invoice_pdf=None,
        issuer={"type": "self"},
        last_finalization_error=None,
        latest_revision=None,
        lines={"object": "list", "data": lines, "has_more": False, "url": ""},
        next_payment_attempt=None,
        number=None,
        on_behalf_of=None,
        parent=_parent(subscription),
        payment_settings={
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        period_end=period[1],
        period_start=period[0],
        post_payment_credit_notes_amount=0,
        pre_payment_credit_notes_amount=0,
        receipt_number=None,
        rendering=None,
        shipping_cost=None,
        shipping_details=None,
        starting_balance=0,
        statement_descriptor=None,
        status="draft",
        status_details=None,
        status_transitions=dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        test_clock=subscription["test_clock"],
        total=total,
        total_discount_amounts=taken,
        total_excluding_tax=total,
        total_pretax_credit_amounts=[],
        total_taxes=[],
        webhooks_delivered_at=None,
        _={"subscription": subscription["id"], "intent": None},
    )


def _parent(subscription: Object) -> Object | None:
    if subscription["id"] is None:
        return None
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription["metadata"]),
            "subscription": subscription["id"],
        },
        "type": "subscription_details",
    }


def single(customer: Object, currency: str, metadata: dict[str, str]) -> Object:
    """What `draft` needs of an invoice that belongs to no subscription."""
    return {
        "id": None,
        "customer": customer["id"],
        "currency": currency,
        "metadata": metadata,
        "discounts": [],
        "test_clock": customer["test_clock"],
    }


def item_line(sandbox: Sandbox, item: Object) -> Object:
    """The line of a pending invoice item."""
    return {
        "id": sandbox.ids.new("il"),
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(item["metadata"]),
        "parent": {
            "invoice_item_details": {
                "invoice_item": item["id"],
                "proration": False,
                "proration_details": None,
                "subscription": None,
            },
            "subscription_item_details": None,
            "type": "invoice_item_details",
        },
        "period": item["period"],
        "pretax_credit_amounts": [],
        "pricing": item.get("pricing"),
        "quantity": item["quantity"],
        "subtotal": item["amount"],
        "taxes": [],
    }


def store_draft(sandbox: Sandbox, invoice: Object) -> Object:
    """Store a draft and emit `invoice.created`."""
    invoice["lines"]["url"] = f"/v1/invoices/{invoice['id']}/lines"
    for one in invoice["lines"]["data"]:
        one["invoice"] = invoice["id"]
    sandbox.store.insert(invoice)
    sandbox.events.emit("invoice.created", invoice)
    return invoice


def finalize(sandbox: Sandbox, invoice: Object) -> Object:
    """Number the invoice and open it: `invoice.finalized`; one with nothing due is paid at once."""
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
    """The intent that pays an open invoice, made when it is first needed."""
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
    """`invoice.paid` and `invoice.payment_succeeded`; `invoice_payment.paid` follows a little later,
    as Stripe's does. `elsewhere`: not through Stripe.
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
    """`invoice.payment_failed`, or before it `invoice.payment_action_required` when the bank wants
    the customer.
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
    """Declare an open invoice void: `invoice.voided`."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise InvalidRequest(
            f"You can only void open or uncollectible invoices; this one is {invoice['status']}.",
            code="invoice_not_editable",
        )
    invoice.update(status="void", next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = sandbox.clock.now()
    sandbox.store.unschedule("invoice.retry", invoice["id"])
    sandbox.store.update(invoice)
    sandbox.events.emit("invoice.voided", invoice)
    return invoice


def announce_payment(sandbox: Sandbox, payment: Object) -> None:
    """`invoice_payment.paid`, which ties invoice and payment intent."""
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


def discounted(sandbox: Sandbox, found: list[Object], lines: list[Object]) -> list[dict[str, Any]]:
    """What these discounts take off these lines: [{amount, discount}]."""
    taken: list[dict[str, Any]] = []
    for discount in found:
        coupon = sandbox.store.get(discount["source"]["coupon"], "coupon")
        if coupon is None or not lines or not discounts.is_for(coupon, lines[0]["currency"]):
            continue
        weights = [max(one["amount"], 0) if one["discountable"] else 0 for one in lines]
        parts = discounts.amount_off(coupon, weights, lines[0]["currency"])
        for one, part in zip(lines, parts, strict=True):
            one["discount_amounts"] = [{"amount": part, "discount": discount["id"]}]
        taken.append({"amount": sum(parts), "discount": discount["id"]})
    return taken
