"""Coupons and promotion codes: eligibility, amounts and redemptions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest


def new_discount(sandbox: Sandbox, coupon: Object, code: Object | None, **owner: Any) -> Object:
    """A discount object: this coupon, from this code if any, for a session, subscription or customer."""
    return {
        "id": sandbox.ids.new("di"),
        "object": "discount",
        "checkout_session": None,
        "customer": None,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None if code is None else code["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": sandbox.clock.now(),
        "subscription": None,
        "subscription_item": None,
        **owner,
    }


def spread(total: int, weights: list[int]) -> list[int]:
    """Split a total in proportion to the weights by largest remainder, so that the parts sum exactly."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in remainders[: total - sum(parts)]:
        parts[index] += 1
    return parts


def amount_off(coupon: Object, amounts: list[int], currency: str, *, param: str | None = None) -> list[int]:
    """The discount for each of these amounts; raises InvalidRequest if the coupon has no amount in the
    currency.
    """
    eligible = sum(amounts)
    if coupon["percent_off"] is not None:
        exact = Decimal(eligible) * Decimal(str(coupon["percent_off"])) / 100
        return spread(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), amounts)
    fixed = coupon["amount_off"]
    if currency != coupon["currency"]:
        option = coupon["_"]["currency_options"].get(currency)
        if option is None:
            raise InvalidRequest(
                f"The coupon {coupon['id']} is in {coupon['currency']} and cannot be used for {currency}.",
                param=param,
            )
        fixed = option["amount_off"]
    return spread(min(fixed, eligible), amounts)


def is_for(coupon: Object, currency: str) -> bool:
    """Whether the coupon applies to amounts in this currency."""
    return (
        coupon["percent_off"] is not None
        or coupon["currency"] == currency
        or currency in coupon["_"]["currency_options"]
    )


def check_coupon(sandbox: Sandbox, coupon: Object, *, param: str | None) -> None:
    """Raise InvalidRequest if the coupon can no longer be used."""
    if not is_valid(coupon, sandbox.clock.now()):
        raise InvalidRequest(
            f"Coupon {coupon['id']} is expired and cannot be applied.", param=param, code="coupon_expired"
        )


def is_valid(coupon: Object, now: int) -> bool:
    """Whether a coupon can still be redeemed."""
    used_up = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    return not used_up and (coupon["redeem_by"] is None or now < coupon["redeem_by"])


def check_code(sandbox: Sandbox, code: Object, session: Object, *, param: str | None) -> None:
    """Raise InvalidRequest if the buyer cannot use the promotion code for this session."""
    refusal = _refusal(sandbox, code, session)
    if refusal is not None:
        raise InvalidRequest(
            f"This promotion code cannot be redeemed: {refusal}.", param=param, code="promotion_code_invalid"
        )


def _refusal(sandbox: Sandbox, code: Object, session: Object) -> str | None:
    if not code["active"] or (code["expires_at"] is not None and sandbox.clock.now() >= code["expires_at"]):
        return "it is inactive or has expired"
    if code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]:
        return "it has reached its maximum number of redemptions"
    if code["customer"] is not None and code["customer"] != session["customer"]:
        return "it belongs to another customer"
    limits = code["restrictions"]
    least, currency = limits["minimum_amount"], limits["minimum_amount_currency"]
    if least is not None and (currency != session["currency"] or session["amount_subtotal"] < least):
        return f"it needs an order of at least {money.show(least, currency)}"
    if limits["first_time_transaction"] and session["customer"] is not None:
        paid = sandbox.store.find(
            "payment_intent", {"customer": session["customer"], "status": "succeeded"}, limit=1
        )
        if paid:
            return "it is for first purchases only"
    return None


def find_code(sandbox: Sandbox, text: str) -> Object:
    """The active promotion code with this text, in any case; raises InvalidRequest."""
    found = sandbox.store.find("promotion_code", {"code": text.strip().upper()})
    for code in found:
        if code["active"]:
            return code
    raise InvalidRequest("This code is invalid.", param="promotion_code", code="promotion_code_invalid")


def apply(
    sandbox: Sandbox, session: Object, coupon: Object, code: Object | None, *, param: str | None = None
) -> None:
    """Apply the coupon to the session's lines and totals (not yet stored). Raises InvalidRequest if it does
    not apply.
    """
    check_coupon(sandbox, coupon, param=param)
    if code is not None:
        check_code(sandbox, code, session, param=param)
    remove(session)
    lines = session["_"]["line_items"]
    products = coupon["_"]["applies_to"]
    weights = [
        line["amount_subtotal"] if not products or line["price"]["product"] in products else 0
        for line in lines
    ]
    discount = new_discount(
        sandbox, coupon, code, checkout_session=session["id"], customer=session["customer"]
    )
    for line, off in zip(lines, amount_off(coupon, weights, session["currency"], param=param), strict=True):
        line["amount_discount"] = off
        line["amount_total"] = line["amount_subtotal"] - off
        line["discounts"] = [{"amount": off, "discount": discount}] if off else []
    session["discounts"] = [{"coupon": coupon["id"], "promotion_code": None if code is None else code["id"]}]
    if code is not None:
        session["discounts"][0]["coupon"] = None
    session["_"]["discount"] = discount
    _total(session)


def remove(session: Object) -> None:
    """Restore the session's lines and totals without a discount."""
    for line in session["_"]["line_items"]:
        line.update(amount_discount=0, amount_total=line["amount_subtotal"], discounts=[])
    session["discounts"] = []
    session["_"].pop("discount", None)
    _total(session)


def _total(session: Object) -> None:
    lines = session["_"]["line_items"]
    session["amount_total"] = sum(line["amount_total"] for line in lines)
    session["total_details"]["amount_discount"] = sum(line["amount_discount"] for line in lines)
    session["payment_status"] = "no_payment_required" if session["amount_total"] == 0 else "unpaid"


def redeem(sandbox: Sandbox, session: Object) -> None:
    """Count a redemption of the session's coupon and code."""
    discount = session["_"].get("discount")
    if discount is None:
        return
    coupon = sandbox.store.get(discount["source"]["coupon"], "coupon")
    if coupon is not None:
        coupon["times_redeemed"] += 1
        coupon["valid"] = is_valid(coupon, sandbox.clock.now())
        sandbox.store.update(coupon)
    code = sandbox.store.get(discount["promotion_code"] or "", "promotion_code")
    if code is not None:
        code["times_redeemed"] += 1
        if code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]:
            code["active"] = False
        sandbox.store.update(code)


def breakdown(session: Object) -> Object:
    """`total_details.breakdown`: the discounts with their amounts."""
    discount = session["_"].get("discount")
    amount = session["total_details"]["amount_discount"]
    return {
        "discounts": [] if discount is None else [{"amount": amount, "discount": public(discount)}],
        "taxes": [],
    }
