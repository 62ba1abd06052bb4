"""Setup intents: store a card for later without charging it."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments.intents import AUTHENTICATION_FAILED
from stripe_sandbox.payments.methods import test_card_of

CONFIRMABLE = ("requires_payment_method", "requires_confirmation")


def create_intent(sandbox: Sandbox, *, links: dict[str, Any] | None = None, **fields: Any) -> Object:
    """Store a new setup intent and emit `setup_intent.created`."""
    intent = sandbox.new(
        "seti",
        "setup_intent",
        null="""
            allowed_payment_method_types application automatic_payment_methods
            cancellation_reason client_secret customer customer_account description
            excluded_payment_method_types flow_directions last_setup_error
            latest_attempt mandate next_action on_behalf_of payment_method
            payment_method_configuration_details single_use_mandate
        """,
        payment_method_options={
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        payment_method_types=["card"],
        status="requires_payment_method",
        usage="off_session",
        _=dict(links or {}),
    )
    intent.update(fields)
    intent["client_secret"] = f"{intent['id']}_secret_{sandbox.ids.text(25)}"
    if intent["payment_method"] is not None:
        intent["status"] = "requires_confirmation"
    sandbox.store.insert(intent)
    sandbox.events.emit("setup_intent.created", intent)
    return intent


def confirm(sandbox: Sandbox, intent: Object, method: Object) -> Object:
    """Attempt to set the card up. The intent is then succeeded, requires_action or, if declined,
    requires_payment_method.
    """
    if intent["status"] not in CONFIRMABLE:
        raise _unexpected(intent, "confirm", CONFIRMABLE)
    card = test_card_of(method)
    intent.update(payment_method=method["id"], last_setup_error=None)
    if card.three_ds != "none":
        return attempts.require_action(sandbox, intent)
    if card.decline is not None and not card.decline.at_charge_only:
        error = {"code": card.decline.code, "message": card.decline.message, "type": "card_error"}
        if card.decline.decline_code is not None:
            error["decline_code"] = card.decline.decline_code
        return attempts.refuse(sandbox, intent, method, error)
    return _succeed(sandbox, intent, method)


def finish_action(sandbox: Sandbox, intent: Object, *, authenticated: bool) -> Object:
    """The buyer has completed or failed 3-D Secure."""
    if intent["status"] != "requires_action":
        raise _unexpected(intent, "authenticate", ("requires_action",))
    method = sandbox.require("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if authenticated:
        return _succeed(sandbox, intent, method)
    error = {
        "code": "setup_intent_authentication_failure",
        "message": AUTHENTICATION_FAILED,
        "type": "invalid_request_error",
    }
    return attempts.refuse(sandbox, intent, method, error)


def cancel(sandbox: Sandbox, intent: Object, reason: str | None) -> Object:
    """Cancel the intent: `setup_intent.canceled`."""
    allowed = (*CONFIRMABLE, "requires_action", "processing")
    if intent["status"] not in allowed:
        raise _unexpected(intent, "cancel", allowed)
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    sandbox.store.update(intent)
    sandbox.events.emit("setup_intent.canceled", intent)
    return intent


def _succeed(sandbox: Sandbox, intent: Object, method: Object) -> Object:
    if intent["customer"] is not None:
        payment_methods.attach(sandbox, method, intent["customer"])
    intent.update(status="succeeded", payment_method=method["id"], last_setup_error=None)
    sandbox.store.update(intent)
    sandbox.events.emit("setup_intent.succeeded", intent)
    customer = sandbox.store.get(intent["_"].get("default_for") or "", "customer")
    if customer is not None:
        settings = {**customer["invoice_settings"], "default_payment_method": method["id"]}
        sandbox.events.changed(customer, "customer.updated", invoice_settings=settings)
    return intent


def _unexpected(intent: Object, verb: str, allowed: tuple[str, ...]) -> InvalidRequest:
    return InvalidRequest(
        f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}. "
        f"It must have one of these: {', '.join(allowed)}.",
        code="setup_intent_unexpected_state",
        setup_intent=public(intent),
    )
