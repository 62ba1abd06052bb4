"""Steps that confirming a payment intent and confirming a setup intent have in common."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.core.sandbox import Sandbox
from stripe_sandbox.core.store import Object, public
from stripe_sandbox.errors import CardDeclined

_LAST_ERROR = {"payment_intent": "last_payment_error", "setup_intent": "last_setup_error"}
_FAILED = {"payment_intent": "payment_intent.payment_failed", "setup_intent": "setup_intent.setup_failed"}


def require_action(sandbox: Sandbox, intent: Object) -> Object:
    """Ask the buyer for 3-D Secure: the event `….requires_action`."""
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {
            "return_url": intent["_"].get("return_url"),
            "url": f"{sandbox.settings.base_url}/3ds/{intent['id']}",
        },
    }
    sandbox.store.update(intent)
    sandbox.events.emit(f"{intent['object']}.requires_action", intent)
    return intent


def refuse(sandbox: Sandbox, intent: Object, method: Object, error: dict[str, Any]) -> Object:
    """Record a failed attempt: the intent needs another payment method."""
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent[_LAST_ERROR[intent["object"]]] = {**error, "payment_method": public(method)}
    sandbox.store.update(intent)
    sandbox.events.emit(_FAILED[intent["object"]], intent)
    return intent


def declined(intent: Object) -> CardDeclined:
    """The 402 for an intent whose last attempt failed."""
    error = intent[_LAST_ERROR[intent["object"]]]
    details = {"charge": error["charge"]} if "charge" in error else {}
    return CardDeclined(
        error["message"],
        code=error["code"],
        decline_code=error.get("decline_code"),
        payment_method=error["payment_method"],
        **details,
        **{intent["object"]: public(intent)},
    )
