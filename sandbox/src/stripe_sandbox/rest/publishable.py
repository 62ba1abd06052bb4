"""What a publishable key may read. Anyone can find the key in a shop's page, so a client secret is also
required, and metadata, customers and similar data stay hidden.

https://docs.stripe.com/keys, https://docs.stripe.com/api/payment_intents/object (fields "retrievable with
publishable key")
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest

if TYPE_CHECKING:
    from stripe_sandbox.rest.operations import Call

_SEEN = {
    "payment_intent": """id object amount amount_details automatic_payment_methods canceled_at
        cancellation_reason capture_method client_secret confirmation_method created currency description
        last_payment_error livemode next_action payment_method payment_method_configuration_details
        payment_method_types processing receipt_email setup_future_usage shipping status""",
    "setup_intent": """id object automatic_payment_methods cancellation_reason client_secret created
        description last_setup_error livemode next_action payment_method
        payment_method_configuration_details payment_method_types status usage""",
    "payment_method": """id object allow_redisplay billing_details card created customer livemode
        sepa_debit type""",
}
_FIELDS = {kind: frozenset(names.split()) for kind, names in _SEEN.items()}


def visible(value: Any) -> Any:
    """The value with each intent and payment method reduced to what a page may see, and other objects (only
    an expansion can add them) reduced to their ids.
    """
    if isinstance(value, list):
        return [visible(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "object" not in value:
        return {name: visible(item) for name, item in value.items()}
    shown = _FIELDS.get(value["object"])
    if shown is None:
        return value.get("id")
    return {name: visible(item) for name, item in value.items() if name in shown}


def asked_by(request: Request) -> bool:
    """Whether the request has a publishable key."""
    return bool(getattr(request.state, "publishable", False))


def owned(call: Call, obj: Object) -> Object:
    """The object. A page must send the object's client secret, others may. Raises InvalidRequest."""
    given = call.params.get("client_secret")
    if given is None and not call.caller.publishable:
        return obj
    if given is None:
        raise InvalidRequest(
            "Missing required param: client_secret.", param="client_secret", code="parameter_missing"
        )
    check_secret(obj, given)
    return obj


def check_secret(obj: Object, given: str) -> None:
    """Raise InvalidRequest unless this is the object's client secret."""
    secret = str(obj.get("client_secret") or "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        noun, code = _NAMES[obj["object"]]
        raise InvalidRequest(
            f"The client_secret provided does not match the client_secret associated with the {noun}.",
            param="client_secret",
            code=code,
        )


_NAMES: dict[str, tuple[str, str | None]] = {
    "payment_intent": ("PaymentIntent", "payment_intent_invalid_parameter"),
    "setup_intent": ("SetupIntent", "setup_intent_invalid_parameter"),
    "checkout.session": ("Checkout Session", None),
}
