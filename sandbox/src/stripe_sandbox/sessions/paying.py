"""The life of a Checkout Session: paid (after declines or 3-D Secure), free, or expired."""

from __future__ import annotations

from stripe_sandbox.billing import discounts, renewals
from stripe_sandbox.billing import subscribing as subscribe
from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import customer_records as customers
from stripe_sandbox.payments import intents as payments
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments import setups
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.payments.cards import TestCard
from stripe_sandbox.payments.methods import card_payment_method


def pay(sandbox: Sandbox, session: Object, card: TestCard | None, buyer: Buyer) -> Object:
    """The buyer submits the payment page. Returns the session: complete, or still open after a decline or
    while 3-D Secure is pending.

    Raises InvalidRequest if the session is no longer open or a required card is missing.
    """
    email = _begin(sandbox, session, buyer)
    if not needs_card(session) and card is None:
        return complete(sandbox, session)
    if card is None:
        raise InvalidRequest("A card is needed for this session.", param="card", code="parameter_missing")
    if card.delayed is not None and (session["mode"] != "payment" or not session["amount_total"]):
        raise InvalidRequest("Bank debits can only pay sessions in `payment` mode here.", param="card")
    method = card_payment_method(
        sandbox,
        card,
        buyer.billing(email),
        exp_month=buyer.exp_month,
        exp_year=buyer.exp_year,
        allow_redisplay="limited",
    )
    return _confirm(sandbox, session, method)


def pay_with(sandbox: Sandbox, session: Object, method: Object | None, buyer: Buyer) -> Object:
    """The buyer confirms with an existing payment method (None: nothing is due). Returns the session:
    complete, or still open after a decline or while 3-D Secure is pending.

    Raises InvalidRequest if the session is no longer open, or the payment method is missing or belongs to
    another customer.
    """
    _begin(sandbox, session, buyer)
    if not needs_card(session):
        return complete(sandbox, session)
    if method is None:
        raise InvalidRequest(
            "You must provide a payment method to confirm this Checkout Session.",
            param="payment_method",
            code="parameter_missing",
        )
    if method["customer"] not in (None, session["customer"]):
        raise InvalidRequest(
            "The payment method belongs to another customer than the Checkout Session.",
            param="payment_method",
        )
    return _confirm(sandbox, session, method)


def _begin(sandbox: Sandbox, session: Object, buyer: Buyer) -> str | None:
    """Store the buyer's details; returns the email address."""
    require_open(session)
    email: str | None = session["_"].get("customer_email") or buyer.email
    session["_"]["details"] = buyer.details(email)
    sandbox.store.update(session)
    return email


def _confirm(sandbox: Sandbox, session: Object, method: Object) -> Object:
    intent = _intent(sandbox, session)
    sandbox.store.update(session)
    if intent["object"] == "setup_intent":
        setups.confirm(sandbox, intent, method)
    else:
        payments.confirm(sandbox, intent, method)
    return _after(sandbox, session, intent)


def needs_card(session: Object) -> bool:
    """Whether the buyer needs a card: an amount is due, or the card is to be stored."""
    if session["mode"] == "payment":
        return bool(session["amount_total"])
    return bool(session["amount_total"]) or session["payment_method_collection"] == "always"


def redeem_code(sandbox: Sandbox, session: Object, text: str) -> Object:
    """The buyer enters a promotion code (an empty one removes it). Raises InvalidRequest if it cannot be
    used.
    """
    require_open(session)
    if not session["allow_promotion_codes"]:
        raise InvalidRequest("This session does not accept promotion codes.", param="promotion_code")
    if text.strip():
        code = discounts.find_code(sandbox, text)
        coupon = sandbox.require("coupon", code["promotion"]["coupon"], param="promotion_code")
        discounts.apply(sandbox, session, coupon, code, param="promotion_code")
    else:
        discounts.remove(session)
    _adjust(sandbox, session)
    return sandbox.store.update(session)


def _adjust(sandbox: Sandbox, session: Object) -> None:
    """Adjust the intent of an earlier attempt to the new total; with nothing left to pay it is canceled."""
    intent = sandbox.store.get(session["_"].get("intent") or "", "payment_intent")
    if intent is None:
        return
    if session["amount_total"]:
        intent["amount"] = session["amount_total"]
        sandbox.store.update(intent)
        return
    payments.cancel(sandbox, intent, "abandoned")
    del session["_"]["intent"]
    session["payment_intent"] = None


def authenticate(sandbox: Sandbox, session: Object, *, authenticated: bool) -> Object:
    """The buyer has finished 3-D Secure."""
    intent = sandbox.store.get(session["_"].get("intent") or "")
    if intent is None:
        raise InvalidRequest("This session has no payment that requires authentication.")
    if intent["object"] == "setup_intent":
        setups.finish_action(sandbox, intent, authenticated=authenticated)
    else:
        payments.finish_action(sandbox, intent, authenticated=authenticated)
    return _after(sandbox, session, intent)


def finish_action(sandbox: Sandbox, intent: Object, *, authenticated: bool) -> None:
    """Finish 3-D Secure of an intent, and complete its session if it has one."""
    session_id = intent["_"].get("checkout_session")
    if session_id is not None:
        session = sandbox.require("checkout.session", session_id)
        authenticate(sandbox, session, authenticated=authenticated)
    elif intent["object"] == "setup_intent":
        setups.finish_action(sandbox, intent, authenticated=authenticated)
    else:
        payments.finish_action(sandbox, intent, authenticated=authenticated)
        renewals.follow(sandbox, intent)


def _after(sandbox: Sandbox, session: Object, intent: Object) -> Object:
    """Complete the session if its intent has succeeded, is processing, or waits for capture."""
    done = ("succeeded", "processing", "requires_capture")
    return complete(sandbox, session) if intent["status"] in done else session


def complete(sandbox: Sandbox, session: Object) -> Object:
    """Complete the session, `checkout.session.completed`, after creating the requested customer and
    subscription.
    """
    details = session["_"]["details"]
    if session["customer"] is None and session["customer_creation"] == "always":
        known = {name: details[name] for name in ("email", "name", "phone") if details[name] is not None}
        customer = customers.create(sandbox, **known)
        session["customer"] = customer["id"]
        _assign_customer(sandbox, session, customer["id"])
    if session["mode"] == "subscription":
        subscribe.from_session(sandbox, session)
    paid = _payment_status(sandbox, session)
    session.update(status="complete", payment_status=paid, url=None, customer_details=details)
    if session["consent_collection"] is not None:
        wanted = session["consent_collection"]
        session["consent"] = {
            "promotions": "opt_out" if wanted["promotions"] == "auto" else None,
            "terms_of_service": "accepted" if wanted["terms_of_service"] == "required" else None,
        }
    discounts.redeem(sandbox, session)
    sandbox.store.unschedule("session.expire", session["id"])
    sandbox.store.update(session)
    sandbox.events.emit("checkout.session.completed", session)
    return session


def _payment_status(sandbox: Sandbox, session: Object) -> str:
    """`unpaid` while a bank debit is processing or the amount is only authorized: completed does not mean
    paid.
    """
    if not session["amount_total"]:
        return "no_payment_required"
    intent = sandbox.store.get(session["_"].get("intent") or "")
    waits = intent is not None and intent["status"] in ("processing", "requires_capture")
    return "unpaid" if waits else "paid"


def capture(sandbox: Sandbox, intent: Object, amount: int | None) -> Object:
    """Capture an authorized amount; the session that it pays, if any, becomes paid. Returns the intent."""
    payments.capture(sandbox, intent, amount)
    session = sandbox.store.get(intent["_"].get("checkout_session") or "", "checkout.session")
    if session is not None:
        session["payment_status"] = "paid"
        sandbox.store.update(session)
    return intent


def settle(sandbox: Sandbox, intent: Object, *, succeeded: bool | None = None) -> Object:
    """A bank debit has ended: `checkout.session.async_payment_succeeded` or `…_failed` for its session.
    Returns the intent.
    """
    payments.settle(sandbox, intent, succeeded=succeeded)
    session = sandbox.store.get(intent["_"].get("checkout_session") or "", "checkout.session")
    if session is not None:
        paid = intent["status"] == "succeeded"
        session["payment_status"] = "paid" if paid else "unpaid"
        sandbox.store.update(session)
        sandbox.events.emit(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)
    return intent


def expire(sandbox: Sandbox, session: Object) -> Object:
    """Expire the session, `checkout.session.expired`, with a recovery URL if one was requested; its unpaid
    intent is canceled.
    """
    session.update(status="expired", url=None)
    recovery = (session["after_expiration"] or {}).get("recovery")
    if recovery is not None and recovery["enabled"]:
        recovery["url"] = f"{sandbox.settings.base_url}/r/{session['id']}"
        recovery["expires_at"] = session["expires_at"] + 30 * 24 * 3600
    sandbox.store.unschedule("session.expire", session["id"])
    sandbox.store.update(session)
    intent = sandbox.store.get(session["_"].get("intent") or "")
    if intent is not None and intent["object"] == "setup_intent":
        setups.cancel(sandbox, intent, "abandoned")
    elif intent is not None and intent["status"] in payments.CANCELLABLE:
        payments.cancel(sandbox, intent, "automatic")
    sandbox.events.emit("checkout.session.expired", session)
    return session


def return_url(session: Object) -> str:
    """The page to which the buyer returns after paying."""
    url: str = (
        session["_"].get("confirm_return_url") or session["success_url"] or session.get("return_url") or ""
    )
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


def _intent(sandbox: Sandbox, session: Object) -> Object:
    """The session's intent: created at the first attempt, and reused after a decline."""
    intent = sandbox.store.get(session["_"].get("intent") or "")
    if intent is not None:
        if intent["status"] == "requires_action":
            intent.update(status="requires_payment_method", next_action=None)
        return intent
    links = {"checkout_session": session["id"], "return_url": return_url(session)}
    if not session["amount_total"]:
        intent = setups.create_intent(sandbox, links=links, customer=session["customer"])
    elif session["mode"] == "subscription":
        intent = payments.create_intent(
            sandbox,
            session["amount_total"],
            session["currency"],
            links=links,
            customer=session["customer"],
            description="Subscription creation",
            setup_future_usage="off_session",
        )
    else:
        data = session["_"]["payment_intent_data"]
        intent = payments.create_intent(
            sandbox,
            session["amount_total"],
            session["currency"],
            links=links,
            **{
                **_INTENT_DEFAULTS,
                **data,
                "customer": session["customer"],
                "shipping": payments.shipping(data.get("shipping")),
            },
        )
        session["payment_intent"] = intent["id"]
    session["_"]["intent"] = intent["id"]
    return intent


_INTENT_DEFAULTS: Object = {"metadata": {}}


def _assign_customer(sandbox: Sandbox, session: Object, customer: str) -> None:
    """Assign the payment, its charge and, if it is to be stored, the card to the new customer."""
    intent = sandbox.store.get(session["_"].get("intent") or "")
    if intent is None:
        return
    for obj in (intent, sandbox.store.get(intent.get("latest_charge") or "")):
        if obj is not None:
            obj["customer"] = customer
            sandbox.store.update(obj)
    keeps = intent["object"] == "setup_intent" or intent["setup_future_usage"] is not None
    method = sandbox.store.get(intent["payment_method"] or "", "payment_method")
    if keeps and method is not None:
        payment_methods.attach(sandbox, method, customer)
