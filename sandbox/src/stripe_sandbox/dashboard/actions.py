"""The actions of the dashboard's buttons. Each takes the posted form and returns a sentence for the user."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from stripe_sandbox.billing import renewals
from stripe_sandbox.control import bodies as control_bodies
from stripe_sandbox.control.running import Server
from stripe_sandbox.core import money
from stripe_sandbox.core.sandbox import Dunning
from stripe_sandbox.core.store import Object
from stripe_sandbox.dashboard.forms import Actions, Form, body, named
from stripe_sandbox.endpoints.billing_resources import invoices as invoice_operations
from stripe_sandbox.endpoints.billing_resources import subscriptions as subscription_operations
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import cards
from stripe_sandbox.payments import disputing as disputes
from stripe_sandbox.payments import intents as payments
from stripe_sandbox.payments import refunding as refunds
from stripe_sandbox.payments.buyers import Buyer
from stripe_sandbox.rest.operations import Call
from stripe_sandbox.sessions import paying as checkout

ACTIONS = Actions()


def _charge(server: Server, form: Form) -> Object:
    """The charge of a form, named directly or by its payment."""
    found = server.sandbox.store.get(form.get("id", ""))
    if found is not None and found["object"] == "payment_intent":
        return server.sandbox.require("charge", found["latest_charge"] or "")
    return named(server, form, "charge")


@ACTIONS.add
def refund(server: Server, form: Form) -> str:
    """Refund a payment, in full or an amount such as `4.50`."""
    charge = _charge(server, form)
    text, amount = form.get("amount", "").strip(), None
    if text:
        try:
            amount = int((Decimal(text) * 10 ** money.exponent(charge["currency"])).to_integral_exact())
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise InvalidRequest(f"{text[:40]!r} is not an amount. Write it as 4.50.") from error
        if amount <= 0:
            raise InvalidRequest("Enter an amount above zero, or leave it empty for a full refund.")
    reason = form.get("reason") or None
    if reason is not None and reason not in refunds.REASONS:
        raise InvalidRequest(f"reason must be one of {', '.join(refunds.REASONS)}.")
    made = refunds.create(server.sandbox, charge, amount, reason=reason)
    return f"Refunded {money.show(made['amount'], made['currency'])} ({made['status']})."


@ACTIONS.add
def dispute(server: Server, form: Form) -> str:
    """Open a dispute for a payment."""
    reason = form.get("reason") or "fraudulent"
    if reason not in disputes.REASONS:
        raise InvalidRequest(f"reason must be one of {', '.join(disputes.REASONS)}.")
    made = disputes.open_(server.sandbox, _charge(server, form), reason, inquiry=bool(form.get("inquiry")))
    return f"The payment is disputed: {made['status'].replace('_', ' ')}."


@ACTIONS.add
def early_fraud_warning(server: Server, form: Form) -> str:
    """Create an early fraud warning for a payment."""
    disputes.create_fraud_warning(server.sandbox, _charge(server, form))
    return "The early fraud warning was created. No money has moved."


@ACTIONS.add
def close_dispute(server: Server, form: Form) -> str:
    """Decide a dispute."""
    wanted = body(form, control_bodies.CloseDispute)
    closed = disputes.close(server.sandbox, named(server, form, "dispute"), won=wanted.good)
    return f"The dispute is {closed['status'].replace('_', ' ')}."


@ACTIONS.add
def settle_refund(server: Server, form: Form) -> str:
    """Settle a pending refund."""
    refunds.settle(server.sandbox, named(server, form, "refund"))
    return "The refund has succeeded."


@ACTIONS.add
def fail_refund(server: Server, form: Form) -> str:
    """Make a refund fail."""
    wanted = body(form, control_bodies.FailRefund)
    refunds.fail(server.sandbox, named(server, form, "refund"), wanted.reason)
    return "The refund has failed; the money was returned to the account."


@ACTIONS.add
def authenticate(server: Server, form: Form) -> str:
    """Finish 3-D Secure."""
    wanted = body(form, control_bodies.Authenticate)
    intent = server.waiting_intent(form.get("id", ""))
    if intent is None:
        raise InvalidRequest("This payment does not require 3-D Secure.")
    checkout.finish_action(server.sandbox, intent, authenticated=wanted.good)
    return f"3-D Secure {'completed' if wanted.good else 'failed'}."


@ACTIONS.add
def settle_payment(server: Server, form: Form) -> str:
    """Settle a bank debit: it succeeds or fails."""
    wanted = body(form, control_bodies.ChargeOutcome)
    intent = named(server, form, "payment_intent")
    checkout.settle(server.sandbox, intent, succeeded=wanted.good)
    return f"The payment is now {intent['status'].replace('_', ' ')}."


@ACTIONS.add
def cancel_payment(server: Server, form: Form) -> str:
    """Cancel a payment intent."""
    payments.cancel(server.sandbox, named(server, form, "payment_intent"), "requested_by_customer")
    return "The payment is canceled."


@ACTIONS.add
def pay_session(server: Server, form: Form) -> str:
    """Pay a session with a test card, as its buyer would."""
    session = named(server, form, "checkout.session")
    card = cards.BY_NAME.get(form.get("card", ""))
    if card is None:
        raise InvalidRequest("Choose a test card.")
    checkout.pay(server.sandbox, session, card, Buyer("buyer@example.com", "Test Buyer"))
    intent = server.intent_of(session)
    if session["status"] == "complete":
        return f"The session is complete: {session['payment_status'].replace('_', ' ')}."
    if intent is not None and intent["status"] == "requires_action":
        return "3-D Secure is required: the payment's page has buttons for it."
    error = (intent or {}).get("last_payment_error") or (intent or {}).get("last_setup_error") or {}
    return str(error.get("message") or "The card was declined.")


@ACTIONS.add
def expire_session(server: Server, form: Form) -> str:
    """Expire a session now."""
    session = named(server, form, "checkout.session")
    checkout.require_open(session)
    checkout.expire(server.sandbox, session)
    return "The session has expired."


@ACTIONS.add
def renew_subscription(server: Server, form: Form) -> str:
    """End the period now, and charge the next one: the card pays or fails."""
    wanted = body(form, control_bodies.ChargeOutcome)
    subscription = named(server, form, "subscription")
    renewed = renewals.renew_now(server.sandbox, subscription, fails=not wanted.good)
    return f"The period has ended: the subscription is {renewed['status'].replace('_', ' ')}."


@ACTIONS.add
def cancel_subscription(server: Server, form: Form) -> str:
    """Cancel a subscription, now or with its period, or undo that."""
    call = {"id": named(server, form, "subscription")["id"]}
    if form.get("when") == "now":
        subscription_operations.cancel(Call(server.sandbox, call, {}))
        return "The subscription has ended."
    ends = form.get("when") == "period_end"
    subscription_operations.update(Call(server.sandbox, call, {"cancel_at_period_end": ends}))
    return "The subscription ends with its period." if ends else "The subscription continues."


@ACTIONS.add
def pay_invoice(server: Server, form: Form) -> str:
    """Charge an open invoice now."""
    id_ = named(server, form, "invoice")["id"]
    paid = invoice_operations.pay(Call(server.sandbox, {"id": id_}, {}))
    return f"The invoice is {paid['status']}."


@ACTIONS.add
def void_invoice(server: Server, form: Form) -> str:
    """Void an open invoice."""
    invoice_operations.void(Call(server.sandbox, {"id": named(server, form, "invoice")["id"]}, {}))
    return "The invoice is void."


@ACTIONS.add
def set_dunning(server: Server, form: Form) -> str:
    """Set how failed renewals are retried: days such as `3, 5, 7`, and the final status."""
    days = form.get("retry_days", "").replace(",", " ").split()
    wanted = body(form, control_bodies.Dunning, retry_days=days)
    server.sandbox.dunning = Dunning(wanted.retry_days, wanted.in_the_end)
    told = ", ".join(map(str, wanted.retry_days)) or "no"
    return f"Failed renewals are retried after {told} days; then: {wanted.in_the_end.replace('_', ' ')}."
