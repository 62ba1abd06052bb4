"""/v1/payment_pages: the requests of the hosted page. Private to Stripe; `stripe trigger` uses them to pay
sessions.
"""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Integer, Text
from stripe_sandbox.rest.shapes import shape
from stripe_sandbox.sessions import paying as checkout

operations = Operations()
URL = "/v1/payment_pages"

CONFIRM = shape(payment_method=Text(), expected_amount=Integer(minimum=0), return_url=Text(), key=Text())


@operations.get(URL + "/{id}")
def retrieve(call: Call) -> Object:
    """The page of a session."""
    return _page(call.sandbox.require("checkout.session", call.id, status=404))


@operations.post(URL + "/{id}/confirm", CONFIRM)
def confirm(call: Call) -> Object:
    """Pay a session with a payment method; raises the 402 of a declined card."""
    sandbox, params = call.sandbox, call.params
    session = sandbox.require("checkout.session", call.id, status=404)
    expected = params.get("expected_amount")
    if expected is not None and expected != (session["amount_total"] or 0):
        raise InvalidRequest(
            "The amount differs from the amount that the buyer saw.", param="expected_amount"
        )
    card = None
    email = "stripe@example.com"
    if params.get("payment_method") is not None:
        method = payment_methods.resolve(sandbox, params["payment_method"], param="payment_method")
        card = payment_methods.test_card_of(method)
        email = method["billing_details"]["email"] or email
    checkout.pay(sandbox, session, card, Buyer(email=email, name="Jenny Rosen"))
    intent = sandbox.store.get(session["_"].get("intent") or "")
    if session["status"] == "open" and intent is not None and intent["status"] != "requires_action":
        raise attempts.declined(intent)
    return _page(session)


def _page(session: Object) -> Object:
    return {
        "id": f"ppage_{session['id'][8:32]}",
        "object": "checkout.session",
        "session_id": session["id"],
        "currency": session["currency"],
        "livemode": False,
        "mode": session["mode"],
        "payment_status": session["payment_status"],
        "state": {"complete": "succeeded", "open": "active", "expired": "expired"}[session["status"]],
        "status": session["status"],
        "total_summary": {"due": session["amount_total"] or 0, "total": session["amount_total"] or 0},
        "customer_email": session["customer_email"],
    }
