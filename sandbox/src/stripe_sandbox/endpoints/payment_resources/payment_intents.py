"""/v1/payment_intents."""

from __future__ import annotations

from typing import Any

from stripe_sandbox.billing import renewals
from stripe_sandbox.core import money
from stripe_sandbox.core.store import Object
from stripe_sandbox.endpoints.payment_resources.setup_intents import AUTOMATIC, automatic
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts
from stripe_sandbox.payments import intents as payments
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments.intents import shipping
from stripe_sandbox.payments.parameters import CAPTURE, INTENT, MANDATE_DATA, PAYMENT_METHOD_TYPES, SHIPPING
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Currency, Email, Integer, Text, Url, choice
from stripe_sandbox.rest.publishable import owned
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, changes_to, merge_metadata, shape, unmodelled
from stripe_sandbox.sessions import paying as checkout

operations = Operations()
resource = Resource(operations, "payment_intent", "/v1/payment_intents")

_ELSEWHERE = """allowed_payment_method_types amount_details application_fee_amount
    confirmation_token customer_account error_on_requires_action excluded_payment_method_types hooks
    mandate on_behalf_of payment_details payment_method_configuration payment_method_data
    payment_method_options radar_options transfer_data use_stripe_sdk"""
CREATE = shape(
    amount=Integer(required=True, minimum=0),
    automatic_payment_methods=AUTOMATIC,
    confirm=Boolean(),
    confirmation_method=choice("automatic", "manual"),
    currency=Currency(required=True),
    customer=Text(),
    mandate_data=MANDATE_DATA,
    off_session=Boolean(),
    payment_method=Text(),
    payment_method_types=PAYMENT_METHOD_TYPES,
    return_url=Url(),
    **INTENT,
    **unmodelled(_ELSEWHERE),
)
CONFIRM = shape(
    capture_method=CAPTURE,
    off_session=Boolean(),
    payment_method=Text(),
    client_secret=Text(),
    receipt_email=Email(clearable=True),
    return_url=Url(),
    setup_future_usage=choice("off_session", "on_session"),
    shipping=SHIPPING,
    mandate_data=MANDATE_DATA,
    **unmodelled(
        """allowed_payment_method_types amount_details amount_to_confirm confirmation_token
        error_on_requires_action excluded_payment_method_types hooks mandate payment_details
        payment_method_data payment_method_options radar_options use_stripe_sdk"""
    ),
)
UPDATE = shape(
    amount=Integer(minimum=0),
    capture_method=CAPTURE,
    currency=Currency(),
    customer=Text(),
    description=Text(clearable=True),
    metadata=METADATA,
    payment_method=Text(clearable=True),
    receipt_email=Email(clearable=True),
    setup_future_usage=choice("off_session", "on_session", clearable=True),
    shipping=SHIPPING,
    statement_descriptor=Text(max_length=22),
    statement_descriptor_suffix=Text(max_length=22),
    transfer_group=Text(),
    **unmodelled(
        """allowed_payment_method_types amount_details application_fee_amount customer_account
        excluded_payment_method_types hooks payment_details payment_method_configuration
        payment_method_data payment_method_options transfer_data"""
    ),
)
TO_CAPTURE = shape(
    amount_to_capture=Integer(minimum=1),
    metadata=METADATA,
    **unmodelled(
        """amount_details application_fee_amount final_capture hooks payment_details statement_descriptor
        statement_descriptor_suffix transfer_data"""
    ),
)
CANCEL = shape(cancellation_reason=choice("abandoned", "duplicate", "fraudulent", "requested_by_customer"))


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a payment intent, and confirm it if requested."""
    sandbox, params = call.sandbox, call.params
    _check_amount(params["amount"], params["currency"])
    if params.get("customer") is not None:
        sandbox.require("customer", params["customer"], param="customer")
    chosen: dict[str, Any] = {}
    if params.get("payment_method") is not None:
        method = payment_methods.resolve(sandbox, params["payment_method"], param="payment_method")
        chosen = {"payment_method": method["id"], "status": "requires_confirmation"}
    copied = """capture_method confirmation_method customer description receipt_email setup_future_usage
        payment_method_types statement_descriptor statement_descriptor_suffix transfer_group"""
    intent = payments.create_intent(
        sandbox,
        params["amount"],
        params["currency"],
        links={"return_url": params.get("return_url")},
        automatic_payment_methods=automatic(params.get("automatic_payment_methods") or {"enabled": True}),
        metadata=params.get("metadata") or {},
        shipping=shipping(params.get("shipping")),
        **{name: params[name] for name in copied.split() if params.get(name) is not None},
        **chosen,
    )
    return _confirm(call, intent, intent["payment_method"]) if params.get("confirm") else intent


resource.add_list(customer=Text(), **unmodelled("customer_account"))


@resource.get(params=shape(client_secret=Text()), publishable=True)
def retrieve(call: Call, intent: Object) -> Object:
    """Retrieve a payment intent."""
    return owned(call, intent)


@resource.post(params=UPDATE)
def update(call: Call, intent: Object) -> Object:
    """Change an intent. Amount and method can change only before a charge."""
    sandbox = call.sandbox
    changes = changes_to(intent, call.params)
    if _MONEY & set(changes) and intent["status"] not in _CHANGEABLE:
        raise payments.unexpected_state(intent, "update", _CHANGEABLE)
    if "amount" in changes or "currency" in changes:
        wanted = {**intent, **changes}
        _check_amount(wanted["amount"], wanted["currency"])
    if changes.get("customer") is not None:
        sandbox.require("customer", changes["customer"], param="customer")
    if "shipping" in changes:
        changes["shipping"] = shipping(changes["shipping"])
    if "payment_method" in changes:
        chosen = changes["payment_method"]
        changes["status"] = "requires_payment_method" if chosen is None else "requires_confirmation"
        changes["next_action"] = None
        if chosen is not None:
            method = payment_methods.resolve(sandbox, chosen, param="payment_method")
            changes["payment_method"] = method["id"]
    intent.update(changes)
    return sandbox.store.update(intent)


@resource.post("/confirm", CONFIRM, publishable=True)
def confirm(call: Call, intent: Object) -> Object:
    """Confirm with the given or stored payment method; raises the 402 of a declined card."""
    owned(call, intent)
    for name in ("capture_method", "receipt_email", "setup_future_usage"):
        if name in call.params:
            intent[name] = call.params[name]
    if "shipping" in call.params:
        intent["shipping"] = shipping(call.params["shipping"])
    intent["_"]["return_url"] = call.params.get("return_url") or intent["_"].get("return_url")
    return _confirm(call, intent, call.params.get("payment_method") or intent["payment_method"])


@resource.post("/capture", TO_CAPTURE)
def capture(call: Call, intent: Object) -> Object:
    """Capture an authorized amount (`capture_method` manual); the rest is released."""
    if "metadata" in call.params:
        intent["metadata"] = merge_metadata(intent["metadata"], call.params["metadata"])
    return checkout.capture(call.sandbox, intent, call.params.get("amount_to_capture"))


@resource.post("/cancel", CANCEL)
def cancel(call: Call, intent: Object) -> Object:
    """Cancel a payment intent that has not succeeded."""
    return payments.cancel(call.sandbox, intent, call.params.get("cancellation_reason"))


_CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_MONEY = {"amount", "capture_method", "currency", "customer", "payment_method", "setup_future_usage"}


def _check_amount(amount: int, currency: str) -> None:
    least = money.minimum(currency)
    if amount < least:
        raise InvalidRequest(
            f"Amount must be at least {money.show(least, currency)}.", param="amount", code="amount_too_small"
        )
    if amount > money.MAXIMUM:
        raise InvalidRequest("Amount is too large.", param="amount", code="amount_too_large")


def _confirm(call: Call, intent: Object, id_: str | None) -> Object:
    if id_ is None:
        raise InvalidRequest(
            "You cannot confirm this PaymentIntent because it's missing a payment method. Pass one as "
            "payment_method.",
            param="payment_method",
            code="payment_intent_unexpected_state",
        )
    method = payment_methods.resolve(call.sandbox, id_, param="payment_method")
    payments.confirm(call.sandbox, intent, method, off_session=bool(call.params.get("off_session")))
    renewals.follow(call.sandbox, intent)
    if intent["last_payment_error"] is not None:
        raise attempts.declined(intent)
    return intent
