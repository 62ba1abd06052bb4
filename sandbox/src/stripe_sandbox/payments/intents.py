"""Payment intents: from creation to payment, with 3-D Secure where the card requires it."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import charging as charges
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments.methods import test_card_of

#: Seconds until a bank debit settles automatically, as in Stripe's test mode.
SETTLES_AFTER = 180
#: Seconds for which the bank holds an amount that is not captured.
HELD_FOR = 7 * 24 * 3600
CONFIRMABLE = ("requires_payment_method", "requires_confirmation")
CANCELLABLE = (*CONFIRMABLE, "requires_action", "requires_capture", "processing")
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different "
    "payment method and try again."
)


def create_intent(
    sandbox: Sandbox,
    amount: int,
    currency: str,
    *,
    links: dict[str, Any] | None = None,
    **fields: Any,
) -> Object:
    """Store a new intent and emit `payment_intent.created`. `links` connect it to its session or invoice."""
    intent = sandbox.new(
        "pi",
        "payment_intent",
        null="""
            allowed_payment_method_types application application_fee_amount
            automatic_payment_methods canceled_at cancellation_reason client_secret
            customer customer_account description excluded_payment_method_types
            last_payment_error latest_charge next_action on_behalf_of payment_method
            payment_method_configuration_details processing receipt_email review
            setup_future_usage shipping statement_descriptor statement_descriptor_suffix
            transfer_data transfer_group
        """,
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic_async",
        confirmation_method="automatic",
        currency=currency,
        payment_method_options={
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        payment_method_types=["card"],
        status="requires_payment_method",
        _=dict(links or {}),
    )
    intent.update(fields)
    intent["client_secret"] = f"{intent['id']}_secret_{sandbox.ids.text(25)}"
    sandbox.store.insert(intent)
    sandbox.events.emit("payment_intent.created", intent)
    return intent


def shipping(given: dict[str, Any] | None) -> Object | None:
    """A shipping address as the API returns it."""
    if given is None:
        return None
    empty = dict.fromkeys(("carrier", "name", "phone", "tracking_number"))
    return {**empty, **given, "address": {**payment_methods.EMPTY_ADDRESS, **given["address"]}}


def confirm(sandbox: Sandbox, intent: Object, method: Object, *, off_session: bool = False) -> Object:
    """Attempt the payment with this method. The intent is then succeeded, requires_action, requires_capture
    (capture_method manual), processing (a bank debit) or, if declined, requires_payment_method.
    """
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirm", CONFIRMABLE)
    answers = test_card_of(method)
    if answers.delayed is not None and intent["capture_method"] == "manual":
        raise InvalidRequest(
            "Bank debits cannot be captured later. Use `capture_method` automatic.", param="capture_method"
        )
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    if answers.three_ds != "none" and off_session:
        return attempts.refuse(sandbox, intent, method, _authentication_required())
    if answers.three_ds != "none":
        return attempts.require_action(sandbox, intent)
    return _charge(sandbox, intent, method, authenticated=False)


def finish_action(sandbox: Sandbox, intent: Object, *, authenticated: bool) -> Object:
    """The buyer has completed or failed 3-D Secure."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticate", ("requires_action",))
    method = sandbox.require("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if not authenticated:
        return attempts.refuse(
            sandbox,
            intent,
            method,
            {
                "code": "payment_intent_authentication_failure",
                "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
                "message": AUTHENTICATION_FAILED,
                "type": "invalid_request_error",
            },
        )
    return _charge(sandbox, intent, method, authenticated=True)


def capture(sandbox: Sandbox, intent: Object, amount: int | None) -> Object:
    """Capture an authorized amount, all (None) or a part: `charge.captured`, `payment_intent.succeeded`."""
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "capture", ("requires_capture",))
    amount = intent["amount_capturable"] if amount is None else amount
    if amount > intent["amount_capturable"]:
        raise InvalidRequest(
            f"The requested capture amount ({amount}) is greater than what can be captured "
            f"({intent['amount_capturable']}).",
            param="amount_to_capture",
            code="amount_too_large",
        )
    charges.capture(sandbox, sandbox.require("charge", intent["latest_charge"]), amount)
    sandbox.store.unschedule("payment.held", intent["id"])
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    sandbox.store.update(intent)
    sandbox.events.emit("payment_intent.succeeded", intent)
    return intent


def cancel(
    sandbox: Sandbox, intent: Object, reason: str | None, *, released: str = "charge.refunded"
) -> Object:
    """Cancel the intent: `payment_intent.canceled`; an authorized amount is released with the event
    `released`.
    """
    if intent["status"] not in CANCELLABLE:
        raise unexpected_state(intent, "cancel", CANCELLABLE)
    if intent["status"] == "requires_capture":
        charges.release(sandbox, sandbox.require("charge", intent["latest_charge"]), released)
    for action in ("payment.held", "payment.settle"):
        sandbox.store.unschedule(action, intent["id"])
    intent.update(
        status="canceled",
        canceled_at=sandbox.clock.now(),
        cancellation_reason=reason,
        next_action=None,
        amount_capturable=0,
    )
    sandbox.store.update(intent)
    sandbox.events.emit("payment_intent.canceled", intent)
    return intent


_DONE = {"capture": "captured", "settle": "settled", "update": "updated", "authenticate": "authenticated"}


def unexpected_state(intent: Object, verb: str, allowed: tuple[str, ...]) -> InvalidRequest:
    """Stripe's error for an operation that the intent's status does not allow."""
    return InvalidRequest(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a "
        "PaymentIntent with "
        f"one of the following statuses may be {_DONE.get(verb, verb + 'ed')}: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        payment_intent=public(intent),
    )


def _authentication_required() -> dict[str, Any]:
    return {
        "code": "authentication_required",
        "decline_code": "authentication_required",
        "doc_url": "https://stripe.com/docs/error-codes/authentication-required",
        "message": "Your card was declined. This transaction requires authentication.",
        "type": "card_error",
    }


def _charge(sandbox: Sandbox, intent: Object, method: Object, *, authenticated: bool) -> Object:
    charge = charges.attempt(sandbox, intent, method, authenticated=authenticated)
    intent["latest_charge"] = charge["id"]
    if charge["status"] == "pending":
        intent["status"] = "processing"
        sandbox.store.update(intent)
        sandbox.events.emit("payment_intent.processing", intent)
        sandbox.store.schedule("payment.settle", intent["id"], sandbox.clock.now() + SETTLES_AFTER)
        return intent
    return _conclude(sandbox, intent, method, charge)


def settle(sandbox: Sandbox, intent: Object, *, succeeded: bool | None = None) -> Object:
    """A bank debit has succeeded or failed; None: as its test account specifies."""
    if intent["status"] != "processing":
        raise unexpected_state(intent, "settle", ("processing",))
    method = sandbox.require("payment_method", intent["payment_method"])
    if succeeded is None:
        succeeded = test_card_of(method).delayed == "succeeds"
    sandbox.store.unschedule("payment.settle", intent["id"])
    charge = sandbox.require("charge", intent["latest_charge"])
    return _conclude(sandbox, intent, method, charges.settle(sandbox, charge, method, succeeded=succeeded))


def _conclude(sandbox: Sandbox, intent: Object, method: Object, charge: Object) -> Object:
    """Update the intent with the outcome of its charge."""
    card = test_card_of(method)
    if charge["status"] == "failed":
        code = charge["failure_code"]
        error: dict[str, Any] = {
            "charge": charge["id"],
            "code": code,
            "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
            "message": charge["failure_message"],
            "type": "card_error",
        }
        if card.decline is not None and card.decline.decline_code is not None:
            error["decline_code"] = card.decline.decline_code
        return attempts.refuse(sandbox, intent, method, error)
    intent["last_payment_error"] = None
    if charge["captured"]:
        intent.update(status="succeeded", amount_received=intent["amount"])
        sandbox.store.update(intent)
        sandbox.events.emit("payment_intent.succeeded", intent)
    else:
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        sandbox.store.update(intent)
        sandbox.events.emit("payment_intent.amount_capturable_updated", intent)
        sandbox.store.schedule("payment.held", intent["id"], sandbox.clock.now() + HELD_FOR)
    if intent["setup_future_usage"] is not None and intent["customer"] is not None:
        payment_methods.attach(sandbox, method, intent["customer"])
    if card.disputed is not None and charge["captured"]:
        sandbox.store.schedule("dispute.open", charge["id"], charge["created"])
    return intent
