"""/v1/setup_intents."""

from __future__ import annotations

from stripe_sandbox.core.store import Object
from stripe_sandbox.errors import InvalidRequest
from stripe_sandbox.payments import attempts, setups
from stripe_sandbox.payments import methods as payment_methods
from stripe_sandbox.payments.parameters import MANDATE_DATA, PAYMENT_METHOD_TYPES
from stripe_sandbox.rest.operations import Call, Operations
from stripe_sandbox.rest.params import Boolean, Field, Text, Url, choice
from stripe_sandbox.rest.publishable import owned
from stripe_sandbox.rest.resources import Resource
from stripe_sandbox.rest.shapes import METADATA, changes_to, shape, unmodelled

operations = Operations()
resource = Resource(operations, "setup_intent", "/v1/setup_intents")

AUTOMATIC = shape(enabled=Boolean(required=True), allow_redirects=choice("always", "never"))
_COMMON: dict[str, Field] = {
    "customer": Text(),
    "description": Text(),
    "metadata": METADATA,
    "payment_method": Text(),
}
CREATE = shape(
    **_COMMON,
    automatic_payment_methods=AUTOMATIC,
    confirm=Boolean(),
    payment_method_types=PAYMENT_METHOD_TYPES,
    return_url=Url(),
    usage=choice("off_session", "on_session"),
    mandate_data=MANDATE_DATA,
    **unmodelled(
        """allowed_payment_method_types attach_to_self confirmation_token customer_account
        excluded_payment_method_types flow_directions on_behalf_of payment_method_configuration
        payment_method_data payment_method_options single_use use_stripe_sdk"""
    ),
)
UPDATE = shape(
    **_COMMON,
    **unmodelled(
        """allowed_payment_method_types attach_to_self customer_account excluded_payment_method_types
        flow_directions payment_method_configuration payment_method_data payment_method_options"""
    ),
)
CONFIRM = shape(
    client_secret=Text(),
    mandate_data=MANDATE_DATA,
    payment_method=Text(),
    return_url=Url(),
    **unmodelled(
        """allowed_payment_method_types confirmation_token payment_method_data payment_method_options
        use_stripe_sdk"""
    ),
)


@resource.create(CREATE)
def create(call: Call) -> Object:
    """Create a setup intent, and confirm it if requested."""
    sandbox, params = call.sandbox, call.params
    if params.get("customer") is not None:
        sandbox.require("customer", params["customer"], param="customer")
    method = None
    if params.get("payment_method") is not None:
        method = payment_methods.resolve(sandbox, params["payment_method"], param="payment_method")
    intent = setups.create_intent(
        sandbox,
        links={"return_url": params.get("return_url")},
        automatic_payment_methods=automatic(params.get("automatic_payment_methods")),
        customer=params.get("customer"),
        description=params.get("description"),
        metadata=params.get("metadata") or {},
        payment_method=None if method is None else method["id"],
        usage=params.get("usage") or "off_session",
    )
    return _confirm(call, intent) if params.get("confirm") else intent


resource.add_list(
    customer=Text(),
    payment_method=Text(),
    **unmodelled("attach_to_self customer_account"),
)


@resource.get(params=shape(client_secret=Text()), publishable=True)
def retrieve(call: Call, intent: Object) -> Object:
    """Retrieve a setup intent."""
    return owned(call, intent)


@resource.post(params=UPDATE)
def update(call: Call, intent: Object) -> Object:
    """Change a setup intent."""
    changes = changes_to(intent, call.params)
    if changes.get("customer") is not None:
        call.sandbox.require("customer", changes["customer"], param="customer")
    if changes.get("payment_method") is not None:
        method = payment_methods.resolve(call.sandbox, changes["payment_method"], param="payment_method")
        changes["payment_method"] = method["id"]
        changes["status"] = "requires_confirmation"
    intent.update(changes)
    return call.sandbox.store.update(intent)


@resource.post("/confirm", CONFIRM, publishable=True)
def confirm(call: Call, intent: Object) -> Object:
    """Confirm with the given or stored card; raises the 402 of a declined card."""
    owned(call, intent)
    intent["_"]["return_url"] = call.params.get("return_url") or intent["_"].get("return_url")
    return _confirm(call, intent)


CANCEL = shape(cancellation_reason=choice("abandoned", "duplicate", "requested_by_customer"))


@resource.post("/cancel", CANCEL)
def cancel(call: Call, intent: Object) -> Object:
    """Cancel a setup intent that has not succeeded."""
    return setups.cancel(call.sandbox, intent, call.params.get("cancellation_reason"))


def automatic(given: dict[str, object] | None) -> Object | None:
    """`automatic_payment_methods` as the API returns it."""
    if given is None:
        return None
    return {"allow_redirects": given.get("allow_redirects") or "always", "enabled": given["enabled"]}


def _confirm(call: Call, intent: Object) -> Object:
    id_ = call.params.get("payment_method") or intent["payment_method"]
    if id_ is None:
        raise InvalidRequest(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
            param="payment_method",
        )
    # An alias was resolved at creation: the intent holds the real id.
    if intent["payment_method"] is not None and not call.path:
        id_ = intent["payment_method"]
    method = payment_methods.resolve(call.sandbox, id_, param="payment_method")
    setups.confirm(call.sandbox, intent, method)
    if intent["last_setup_error"] is not None:
        raise attempts.declined(intent)
    return intent
