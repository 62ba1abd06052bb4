"""The life of a Checkout Session: paid (perhaps after declines or 3-D Secure), nothing to pay, or expired."""

from __future__ import annotations

from dataclasses import dataclass

from stripe_sandbox import customers, discounts, payments, setups
from stripe_sandbox.cards import TestCard
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payment_methods import billing_details, card_payment_method
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.store import Object


@dataclass(frozen=True, slots=True)
class Buyer:
    """What the buyer wrote on the payment page, without the card."""

    email: str | None = None
    name: str | None = None
    country: str | None = "US"
    exp_month: int = 12
    exp_year: int = 2034


def pay(sandbox: Sandbox, session: Object, card: TestCard | None, buyer: Buyer) -> Object:
    """The buyer presses Pay. Returns the session: complete, or still open after a decline or before 3-D
    Secure.

    Raises InvalidRequest when the session is no longer open or no card came where one is needed.
    """
    require_open(session)
    email = session["_"].get("customer_email") or buyer.email
    details = {**_details(buyer), "email": email}
    session["_"]["details"] = details
    if session["mode"] == "setup":
        return _set_up(sandbox, session, _needed(card), buyer)
    if session["amount_total"] == 0:
        return complete(sandbox, session, "no_payment_required")
    card = _needed(card)
    intent = _intent(sandbox, session)
    method = _method(sandbox, card, buyer, email)
    session["payment_intent"] = intent["id"]
    sandbox.store.update(session)
    payments.confirm(sandbox, intent, method)
    return after_payment(sandbox, session, intent)


def redeem_code(sandbox: Sandbox, session: Object, text: str) -> Object:
    """The buyer types a promotion code (an empty one takes it back). Raises InvalidRequest if it may
    not be used.
    """
    require_open(session)
    if not session["allow_promotion_codes"]:
        raise InvalidRequest("This session takes no promotion codes.", param="promotion_code")
    if session["payment_intent"] is not None:
        raise InvalidRequest("A payment has begun already.", param="promotion_code")
    if text.strip():
        code = discounts.find_code(sandbox, text)
        coupon = sandbox.require("coupon", code["promotion"]["coupon"], param="promotion_code")
        discounts.apply(sandbox, session, coupon, code, param="promotion_code")
    else:
        discounts.remove(session)
    return sandbox.store.update(session)


def authenticate(sandbox: Sandbox, session: Object, *, authenticated: bool) -> Object:
    """The buyer comes back from 3-D Secure."""
    if session["mode"] == "setup":
        setup = sandbox.require("setup_intent", session["setup_intent"])
        setups.finish_action(sandbox, setup, authenticated=authenticated)
        return _after_setup(sandbox, session, setup)
    intent = sandbox.require("payment_intent", session["payment_intent"] or "")
    payments.finish_action(sandbox, intent, authenticated=authenticated)
    return after_payment(sandbox, session, intent)


def _needed(card: TestCard | None) -> TestCard:
    if card is None:
        raise InvalidRequest("A card is needed for this session.", param="card", code="parameter_missing")
    return card


def _method(sandbox: Sandbox, card: TestCard, buyer: Buyer, email: str | None) -> Object:
    """The buyer's card as a payment method."""
    billing = billing_details(email=email, name=buyer.name, country=buyer.country)
    return card_payment_method(
        sandbox,
        card,
        billing,
        exp_month=buyer.exp_month,
        exp_year=buyer.exp_year,
        allow_redisplay="limited",
    )


def _set_up(sandbox: Sandbox, session: Object, card: TestCard, buyer: Buyer) -> Object:
    """Setup mode: keep the card."""
    setup = sandbox.require("setup_intent", session["setup_intent"])
    if setup["status"] == "requires_action":
        setup.update(status="requires_payment_method", next_action=None)
    details = session["_"]["details"]
    if session["customer"] is None and session["customer_creation"] == "always":
        customer = customers.create(sandbox, email=details["email"], name=details["name"])
        session["customer"] = setup["customer"] = customer["id"]
    sandbox.store.update(session)
    setups.confirm(sandbox, setup, _method(sandbox, card, buyer, details["email"]))
    return _after_setup(sandbox, session, setup)


def _after_setup(sandbox: Sandbox, session: Object, setup: Object) -> Object:
    if setup["status"] == "succeeded":
        return complete(sandbox, session, "no_payment_required")
    return session


def after_payment(sandbox: Sandbox, session: Object, intent: Object) -> Object:
    """Complete the session if its intent has succeeded."""
    if intent["status"] == "succeeded":
        return complete(sandbox, session, "paid")
    return session


def complete(sandbox: Sandbox, session: Object, payment_status: str) -> Object:
    """`checkout.session.completed`, and the customer where one was asked for."""
    details = session["_"]["details"]
    if session["customer"] is None and session["customer_creation"] == "always":
        customer = customers.create(sandbox, email=details["email"], name=details["name"])
        session["customer"] = customer["id"]
        _adopt(sandbox, session, customer["id"])
    session.update(status="complete", payment_status=payment_status, url=None, customer_details=details)
    if session["consent_collection"] is not None:
        session["consent"] = {
            "promotions": "opt_out" if session["consent_collection"]["promotions"] == "auto" else None,
            "terms_of_service": "accepted"
            if session["consent_collection"]["terms_of_service"] == "required"
            else None,
        }
    discounts.redeem(sandbox, session)
    sandbox.store.unschedule("session.expire", session["id"])
    sandbox.store.update(session)
    sandbox.events.emit("checkout.session.completed", session)
    return session


def expire(sandbox: Sandbox, session: Object) -> Object:
    """`checkout.session.expired`, with a recovery URL where one was asked for; its unpaid intent is
    cancelled.
    """
    session.update(status="expired", url=None)
    recovery = (session["after_expiration"] or {}).get("recovery")
    if recovery is not None and recovery["enabled"]:
        recovery["url"] = f"{sandbox.settings.base_url}/r/{session['id']}"
        recovery["expires_at"] = session["expires_at"] + 30 * 24 * 3600
    sandbox.store.unschedule("session.expire", session["id"])
    sandbox.store.update(session)
    if session["payment_intent"] is not None:
        intent = sandbox.require("payment_intent", session["payment_intent"])
        if intent["status"] in payments.CANCELLABLE:
            payments.cancel(sandbox, intent, "automatic")
    if session["setup_intent"] is not None:
        setups.cancel(sandbox, sandbox.require("setup_intent", session["setup_intent"]), "abandoned")
    sandbox.events.emit("checkout.session.expired", session)
    return session


def return_url(session: Object) -> str:
    """Where the buyer goes after paying."""
    url: str = session["success_url"] or session.get("return_url") or ""
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"]).replace(
        "%7BCHECKOUT_SESSION_ID%7D", session["id"]
    )


def require_open(session: Object) -> None:
    """Raise InvalidRequest unless the session can still be paid or expired."""
    if session["status"] != "open":
        raise InvalidRequest(
            f"This Checkout Session is {session['status']}; only Checkout Sessions with a status in "
            '["open"] can be '
            "changed. Create a new one.",
        )


def _details(buyer: Buyer) -> Object:
    return {
        "address": {
            "city": None,
            "country": buyer.country,
            "line1": None,
            "line2": None,
            "postal_code": None,
            "state": None,
        },
        "business_name": None,
        "email": buyer.email,
        "individual_name": None,
        "name": buyer.name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _intent(sandbox: Sandbox, session: Object) -> Object:
    """The session's intent: made when the buyer first presses Pay, and used again after a decline."""
    if session["payment_intent"] is not None:
        intent = sandbox.require("payment_intent", session["payment_intent"])
        if intent["status"] == "requires_action":
            intent.update(status="requires_payment_method", next_action=None)
        return intent
    data = session["_"]["payment_intent_data"]
    return payments.create_intent(
        sandbox,
        session["amount_total"],
        session["currency"],
        links={"checkout_session": session["id"], "return_url": return_url(session)},
        customer=session["customer"],
        description=data.get("description"),
        metadata=data.get("metadata") or {},
        receipt_email=data.get("receipt_email"),
        setup_future_usage=data.get("setup_future_usage"),
        statement_descriptor=data.get("statement_descriptor"),
        statement_descriptor_suffix=data.get("statement_descriptor_suffix"),
        transfer_group=data.get("transfer_group"),
    )


def _adopt(sandbox: Sandbox, session: Object, customer: str) -> None:
    """The new customer owns the payment and its charge, too."""
    if session["payment_intent"] is None:
        return
    intent = sandbox.require("payment_intent", session["payment_intent"])
    for obj in (intent, sandbox.store.get(intent["latest_charge"] or "")):
        if obj is not None:
            obj["customer"] = customer
            sandbox.store.update(obj)
