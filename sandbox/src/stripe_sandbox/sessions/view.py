"""A Checkout Session as Stripe.js shows it to a page that builds its own checkout.

The names are those of Stripe.js, therefore camel case:
https://docs.stripe.com/js/custom_checkout/session_object. Amounts are `{"minorUnitsAmount": …}`; the script
adds them as text in the language of the page.
"""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.sessions import paying as checkout
from stripe_sandbox.sessions import summary as session_summary
from stripe_sandbox.sessions.summary import Line


def view(sandbox: Sandbox, session: Object) -> Object:
    """The session object without `canConfirm`: only the page knows what was entered in the card form."""
    entered = session["_"].get("entered") or {}
    intent = sandbox.store.get(session["_"].get("intent") or "")
    failed = (intent or {}).get("last_payment_error") or (intent or {}).get("last_setup_error")
    return {
        "id": session["id"],
        "livemode": False,
        "businessName": session["branding_settings"]["display_name"],
        "currency": session["currency"],
        "minorUnitsAmountDivisor": 10 ** money.exponent(session["currency"] or "usd"),
        "status": _status(session),
        "email": email_of(session),
        "phoneNumber": entered.get("phone_number"),
        "billingAddress": entered.get("billing_address"),
        "shippingAddress": None,
        "nameCollection": None,
        "lineItems": [_line(sandbox, session, line) for line in session_summary.lines(sandbox, session)],
        "discountAmounts": _discounts(sandbox, session, _off(session)),
        "recurring": _recurring(sandbox, session),
        "total": _total(session),
        "lastPaymentError": None if failed is None else {"message": failed["message"]},
        "savedPaymentMethods": None,
        "shipping": None,
        "shippingOptions": [],
        "surcharge": None,
        "tax": {"status": "ready"},
        "taxAmounts": None,
        "taxIdInfo": None,
        "currencyOptions": None,
        "optionalItems": None,
    }


def missing(session: Object) -> list[str]:
    """What the buyer still has to provide besides the card: `email`, `phone_number`, `billing_address`."""
    entered = session["_"].get("entered") or {}
    wanted = {
        "email": email_of(session) is None,
        "phone_number": session["phone_number_collection"]["enabled"] and not entered.get("phone_number"),
        "billing_address": session["billing_address_collection"] == "required"
        and not entered.get("billing_address"),
    }
    return [name for name, lacks in wanted.items() if lacks]


def page(session: Object) -> Object:
    """What the script needs in addition to the session object, and does not show to the page."""
    url = checkout.return_url(session)
    return {
        "missing": missing(session),
        "mode": session["mode"],
        "needs_card": checkout.needs_card(session),
        "return_url": url or None,
    }


def email_of(session: Object) -> str | None:
    """The buyer's email address: set by the shop, else as entered."""
    known: str | None = session["_"].get("customer_email")
    return known or (session["_"].get("entered") or {}).get("email")


def _status(session: Object) -> Object:
    if session["status"] == "complete":
        return {"type": "complete", "paymentStatus": session["payment_status"]}
    return {"type": session["status"]}


def _amount(amount: int) -> Object:
    return {"minorUnitsAmount": amount}


def _off(session: Object) -> int:
    details = session["total_details"]
    return int(details["amount_discount"]) if details else 0


def _total(session: Object) -> Object:
    total, subtotal = session["amount_total"] or 0, session["amount_subtotal"] or 0
    nothing = ("appliedBalance", "shippingRate", "surcharge", "taxExclusive", "taxInclusive")
    return {
        **{name: _amount(0) for name in nothing},
        "balanceAppliedToNextInvoice": False,
        "discount": _amount(_off(session)),
        "subtotal": _amount(subtotal),
        "total": _amount(total),
    }


def _discounts(sandbox: Sandbox, session: Object, amount: int) -> list[Object] | None:
    coupon = session_summary.coupon_of(sandbox, session)
    if coupon is None:
        return None
    lasts: dict[str, Any] = {
        "once": None,
        "forever": {"type": "forever"},
        "repeating": {"type": "repeating", "durationInMonths": coupon["duration_in_months"]},
    }
    return [
        {
            **_amount(amount),
            "displayName": coupon["name"] or session_summary.code_of(sandbox, session) or coupon["id"],
            "promotionCode": session_summary.code_of(sandbox, session),
            "percentOff": coupon["percent_off"],
            "recurring": lasts[coupon["duration"]] if session["mode"] == "subscription" else None,
        }
    ]


def _line(sandbox: Sandbox, session: Object, line: Line) -> Object:
    item, recurring = line.item, line.recurring
    off = _discounts(sandbox, session, item["amount_discount"])
    return {
        "id": item["id"],
        "name": item["description"],
        "description": line.product["description"],
        "images": line.product["images"],
        "priceId": item["price"]["id"],
        "quantity": item["quantity"],
        "subtotal": _amount(item["amount_subtotal"]),
        "discount": _amount(item["amount_discount"]),
        "total": _amount(item["amount_total"]),
        "taxExclusive": _amount(0),
        "taxInclusive": _amount(0),
        "unitAmount": _amount(line.unit_amount),
        "unitAmountDecimal": None,
        "unitLabel": line.product.get("unit_label"),
        "discountAmounts": off if item["discounts"] else None,
        "taxAmounts": None,
        "recurring": recurring
        and {
            "interval": recurring["interval"],
            "intervalCount": recurring["interval_count"],
            "usageType": recurring["usage_type"],
        },
        "adjustableQuantity": None,
        "isRemovable": False,
        "pricing": None,
        "transformQuantity": None,
    }


def _recurring(sandbox: Sandbox, session: Object) -> Object | None:
    later = session_summary.recurring(sandbox, session)
    if later is None:
        return None
    trial = None
    if later.trial_end is not None:
        days = round((later.trial_end - sandbox.clock.now()) / (24 * 3600))
        trial = {"trialEnd": later.trial_end, "trialPeriodDays": days}
    return {
        "interval": later.interval,
        "intervalCount": later.interval_count,
        "isProrated": False,
        "trial": trial,
        "dueNext": {
            "subtotal": _amount(later.subtotal),
            "discount": _amount(later.discount),
            "total": _amount(later.total),
            "taxExclusive": _amount(0),
            "taxInclusive": _amount(0),
            "billingCycleAnchor": later.trial_end,
        },
    }
