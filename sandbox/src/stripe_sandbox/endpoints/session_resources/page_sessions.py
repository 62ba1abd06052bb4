"""Stripe.js's requests for a session that a page shows with Elements, and the end of 3-D Secure.

Private to the script, as Stripe's own counterparts are: a publishable key and a client secret.
"""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.payment_resources.customers import ADDRESS
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Email, Field, Text, Url, choice
from stripe_sandbox.rest.publishable import owned
from stripe_sandbox.rest.shapes import Shape, shape
from stripe_sandbox.sessions import paying as checkout
from stripe_sandbox.sessions import view as session_view

operations = Operations()
URL = "/v1/payment_pages/{id}"

_SECRET = Text(required=True)
_ENTERED: dict[str, Field] = {
    "email": Email(clearable=True),
    "phone_number": Text(clearable=True, max_length=40),
    "billing_address": Shape({"name": Text(clearable=True), "address": ADDRESS}, clearable=True),
}
UPDATE = Shape({"client_secret": _SECRET, "promotion_code": Text(clearable=True), **_ENTERED})
SUBMIT = Shape({"client_secret": _SECRET, "payment_method": Text(), "return_url": Url(), **_ENTERED})

AUTHENTICATE = shape(client_secret=_SECRET, outcome=choice("complete", "fail", required=True))


@operations.post(URL + "/init", shape(client_secret=_SECRET), publishable=True)
def init(call: Call) -> Object:
    """The session as the page may see it."""
    return _answer(call, _session(call))


@operations.post(URL + "/update", UPDATE, publishable=True)
def update(call: Call) -> Object:
    """Store the buyer's entries; apply a promotion code, or remove it (an empty one)."""
    session = _session(call)
    checkout.require_open(session)
    _enter(call, session)
    if "promotion_code" in call.params:
        checkout.redeem_code(call.sandbox, session, call.params["promotion_code"] or "")
    return _answer(call, call.sandbox.store.update(session))


@operations.post(URL + "/submit", SUBMIT, publishable=True)
def submit(call: Call) -> Object:
    """Pay with a payment method of the card form; raises the 402 of a declined card. The session is then
    complete, or `page` names the intent that requires 3-D Secure.
    """
    sandbox, session = call.sandbox, _session(call)
    checkout.require_open(session)
    _enter(call, session)
    lacks = session_view.missing(session)
    if lacks:
        name = lacks[0].replace("_", " ")
        raise InvalidRequest(f"You must provide the buyer's {name} to confirm.", param=lacks[0])
    if call.params.get("return_url") is not None:
        session["_"]["confirm_return_url"] = call.params["return_url"]
    elif not checkout.return_url(session):
        raise InvalidRequest(
            "You must provide a `returnUrl` to confirm, as the Checkout Session has no `return_url`.",
            param="return_url",
        )
    method = None
    if call.params.get("payment_method") is not None:
        method = payment_methods.resolve(sandbox, call.params["payment_method"], param="payment_method")
    checkout.pay_with(sandbox, session, method, _buyer(session, method))
    intent = sandbox.store.get(session["_"].get("intent") or "")
    if session["status"] == "open" and intent is not None and intent["status"] != "requires_action":
        raise attempts.declined(intent)
    return _answer(call, session)


@operations.post(URL + "/authenticate", AUTHENTICATE, publishable=True)
def authenticate(call: Call) -> Object:
    """Finish 3-D Secure of the intent in the path as the buyer chose. Returns the intent in either case."""
    sandbox = call.sandbox
    kind = "setup_intent" if call.id.startswith("seti_") else "payment_intent"
    intent = owned(call, sandbox.require(kind, call.id, status=404))
    checkout.finish_action(sandbox, intent, authenticated=call.params["outcome"] == "complete")
    return sandbox.require(kind, call.id)


def _session(call: Call) -> Object:
    session = owned(call, call.sandbox.require("checkout.session", call.id, status=404))
    if session["ui_mode"] != "elements":
        raise InvalidRequest(
            f"This Checkout Session was created with `ui_mode: {session['ui_mode']}`; Elements need one with "
            "`ui_mode: elements`.",
            param="client_secret",
        )
    return session


def _enter(call: Call, session: Object) -> None:
    """Store the entries; null removes one. An email address that the shop has set cannot change."""
    known = session["_"].get("customer_email")
    if known is not None and call.params.get("email", known) != known:
        raise InvalidRequest(
            "The email of this Checkout Session was set on the server and cannot be changed.", param="email"
        )
    entered = {**(session["_"].get("entered") or {})}
    for name in _ENTERED:
        if name in call.params:
            entered[name] = call.params[name]
    address = entered.get("billing_address")
    if address is not None and address.get("address") is not None:
        entered["billing_address"] = {
            "name": address.get("name"),
            "address": {**payment_methods.EMPTY_ADDRESS, **address["address"]},
        }
    session["_"]["entered"] = entered


def _buyer(session: Object, method: Object | None) -> Buyer:
    """The buyer: as entered, else from the payment method."""
    entered: dict[str, Any] = session["_"].get("entered") or {}
    billing = (method or {}).get("billing_details") or {}
    given = entered.get("billing_address") or {}
    return Buyer(
        email=session_view.email_of(session),
        name=given.get("name") or billing.get("name"),
        phone=entered.get("phone_number") or billing.get("phone"),
        address=given.get("address") or billing.get("address"),
        country=None,
    )


def _answer(call: Call, session: Object) -> Object:
    page = session_view.page(session)
    intent = call.sandbox.store.get(session["_"].get("intent") or "")
    if session["status"] == "open" and intent is not None and intent["status"] == "requires_action":
        page["intent"] = {"id": intent["id"], "client_secret": intent["client_secret"]}
    return {"session": session_view.view(call.sandbox, session), "page": page}
