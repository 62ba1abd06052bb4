"""The lines and totals of a draft invoice."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import discounts, standing_discounts
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object

#: Seconds from a renewal's draft to its finalization, and from a payment to `invoice_payment.paid`.
DRAFT_SECONDS = 3600


def line(
    sandbox: Sandbox, subscription: Object, item: Object, amount: int, period: tuple[int, int], **changes: Any
) -> Object:
    """A line of an invoice: a subscription item for a period."""
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


def ordered(pending: list[Object], of_period: list[Object]) -> list[Object]:
    """The lines of a renewal, as Stripe sorts them: the newest of the pending ones first, then those of the
    period. https://docs.stripe.com/api/invoices/object#invoice_object-lines
    """
    return [*sorted(pending, key=lambda line: -line["period"]["start"]), *of_period]


def draft(
    sandbox: Sandbox,
    subscription: Object,
    reason: str,
    lines: list[Object],
    period: tuple[int, int],
    *,
    discounts: list[Object] | None = None,
) -> Object:
    """A draft invoice for a subscription (or, without an id, for its customer), with its discounts deducted
    (None: the running ones); not stored.
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
        null="""
            account_tax_ids application automatically_finalizes_at custom_fields
            customer_account customer_shipping default_payment_method default_source
            description due_date effective_at ending_balance footer from_invoice
            hosted_invoice_url invoice_pdf last_finalization_error latest_revision
            next_payment_attempt number on_behalf_of receipt_number rendering
            shipping_cost shipping_details statement_descriptor status_details
            webhooks_delivered_at
        """,
        account_country="US",
        account_name="Stripe Sandbox",
        amount_due=due,
        amount_overpaid=0,
        amount_paid=0,
        amount_paid_off_stripe=0,
        amount_remaining=due,
        amount_shipping=0,
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
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=subscription["currency"],
        customer=customer["id"],
        customer_address=customer["address"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_phone=customer["phone"],
        customer_tax_exempt=customer["tax_exempt"],
        customer_tax_ids=[],
        default_tax_rates=[],
        discounts=[entry["discount"] for entry in taken],
        issuer={"type": "self"},
        lines={"object": "list", "data": lines, "has_more": False, "url": ""},
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
        starting_balance=0,
        status="draft",
        status_transitions=dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        test_clock=subscription["test_clock"],
        total=total,
        total_discount_amounts=taken,
        total_excluding_tax=total,
        total_pretax_credit_amounts=[],
        total_taxes=[],
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
    """The input of `draft` for an invoice that belongs to no subscription."""
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


def discounted(sandbox: Sandbox, found: list[Object], lines: list[Object]) -> list[dict[str, Any]]:
    """The amounts that these discounts deduct from these lines: [{amount, discount}]."""
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
